using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Sources;

/// <summary>The CutPaste method's source of anomalies, which the paper's Table 5 calls CPAD.</summary>
/// <param name="variant">What is pasted.</param>
internal sealed class CutPasteSource(CutPasteVariant variant) : IPseudoAnomalySource
{
    private readonly CutPastePatch patch = new();
    private readonly Scar scar = new();

    /// <inheritdoc/>
    public string Name => variant switch
    {
        CutPasteVariant.Normal => "CutPaste patches",
        CutPasteVariant.Scar => "CutPaste scars",
        _ => "CutPaste patches and scars",
    };

    /// <inheritdoc/>
    public Tensor Craft(Tensor normals, Generator rng)
    {
        using IDisposable frozen = no_grad();
        using var scope = NewDisposeScope();
        Tensor crafted = variant switch
        {
            CutPasteVariant.Normal => patch.Apply(normals, rng),
            CutPasteVariant.Scar => scar.Apply(normals, rng),
            _ => where(
                RandomDraw.Coin(rng, normals.size(0), 0.5).to(normals.device).reshape(-1, 1, 1, 1), patch.Apply(normals, rng), scar.Apply(normals, rng)),
        };
        return crafted.MoveToOuterDisposeScope();
    }
}
