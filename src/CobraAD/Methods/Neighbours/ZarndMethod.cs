namespace CobraAD.Methods.Neighbours;

/// <summary>
/// ZARND: the sum of the Euclidean distances to the nearest features of an adversarially trained backbone.
/// Formulas, presets and departures from the original: docs/reference/methods/zarnd.md.
/// </summary>
internal sealed class ZarndMethod() : NeighbourMethod<ZarndOptions>(NeighbourScore.Euclidean)
{
    public override string Name => "zarnd";

    public override string Title => "ZARND (Mirzaei et al. 2024)";

    public override string Needs => "an adversarially trained backbone (--backbone, or backbone.file); else random weights stand in";

    protected override string NameOf(ZarndOptions options) => "ZARND";

    protected override ZarndOptions OptionsOf(string preset, int imageSize) => preset == "tiny"
        ? new ZarndOptions { Preset = preset, Backbone = TinyBackbone }
        : new ZarndOptions();
}
