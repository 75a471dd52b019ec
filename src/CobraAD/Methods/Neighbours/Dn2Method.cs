namespace CobraAD.Methods.Neighbours;

/// <summary>
/// DN2: the sum of the squared distances to the two nearest training features.
/// Formulas, presets and departures from the original: docs/reference/methods/dn2.md.
/// </summary>
internal sealed class Dn2Method() : NeighbourMethod<Dn2Options>(NeighbourScore.Squared)
{
    public override string Name => "dn2";

    public override string Title => "DN2 (Bergman et al. 2020)";

    protected override string NameOf(Dn2Options options) => "DN2";

    protected override Dn2Options OptionsOf(string preset, int imageSize) => preset == "tiny"
        ? new Dn2Options { Preset = preset, Backbone = TinyBackbone }
        : new Dn2Options();
}
