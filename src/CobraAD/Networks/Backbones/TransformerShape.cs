using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace CobraAD.Networks.Backbones;

/// <summary>What the shapes of a vision transformer's weights say about it, for errors; the number of heads leaves no trace in them.</summary>
/// <param name="Depth">Blocks.</param>
/// <param name="Width">Length of a token.</param>
/// <param name="HiddenWidth">Width inside the perceptrons.</param>
/// <param name="PatchSize">Side of the patches in pixels.</param>
/// <param name="ImageSize">Side of the images that the positions are for.</param>
internal sealed partial record TransformerShape(int Depth, long Width, long HiddenWidth, long PatchSize, long ImageSize)
{
    /// <summary>The shape of weights by our names; <see langword="null"/> when they are not a vision transformer's.</summary>
    public static TransformerShape? Of(IReadOnlyDictionary<string, Tensor> tensors)
    {
        if (!tensors.TryGetValue("conv_proj.weight", out Tensor? patches) || patches.dim() != 4) return null;
        if (!tensors.TryGetValue("encoder.pos_embedding", out Tensor? positions) || positions.dim() != 3) return null;
        if (!tensors.TryGetValue("encoder.layers.encoder_layer_0.mlp.0.weight", out Tensor? hidden) || hidden.dim() != 2) return null;
        int depth = tensors.Keys.Select(name => Block().Match(name)).Where(match => match.Success).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal).Count();
        long side = (long)Math.Round(Math.Sqrt(positions.size(1) - 1)) * patches.size(2);
        return new TransformerShape(depth, patches.size(0), hidden.size(0), patches.size(2), side);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"a vision transformer of {Depth} blocks, width {Width}, hidden width {HiddenWidth}, patches of {PatchSize} px, for {ImageSize} px");

    [GeneratedRegex(@"^encoder\.layers\.encoder_layer_(\d+)\.", RegexOptions.CultureInvariant)]
    private static partial Regex Block();
}
