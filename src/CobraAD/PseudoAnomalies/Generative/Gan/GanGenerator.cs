using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Gan;

/// <summary>z to images in (-1, 1): a coarse map, doubled until it has the images' size. Batch normalisation and ReLU between, tanh at the end.</summary>
internal sealed class GanGenerator : nn.Module<Tensor, Tensor>
{
    private readonly Linear first;
    private readonly BatchNorm2d[] norms;
    private readonly ConvTranspose2d[] doublings;
    private readonly (int Channels, int Height, int Width) coarsest;

    /// <param name="options">Shape.</param>
    /// <param name="channels">Of an image.</param>
    /// <param name="height">Of an image; a multiple of 2^<paramref name="depth"/>.</param>
    /// <param name="width">Of an image; a multiple of 2^<paramref name="depth"/>.</param>
    /// <param name="depth">How often the sides are doubled.</param>
    /// <param name="rng">CPU generator of the weights.</param>
    public GanGenerator(GanOptions options, int channels, int height, int width, int depth, Generator rng)
        : base(nameof(GanGenerator))
    {
        coarsest = (options.Width << (depth - 1), height >> depth, width >> depth);
        first = GanLayer.Vector(options.LatentSize, coarsest.Channels * coarsest.Height * coarsest.Width, rng);
        register_module("first", first);
        norms = new BatchNorm2d[depth];
        doublings = new ConvTranspose2d[depth];
        for (int i = 0; i < depth; i++)
        {
            int inputs = coarsest.Channels >> i;
            norms[i] = nn.BatchNorm2d(inputs);
            doublings[i] = GanLayer.Doubling(inputs, i == depth - 1 ? channels : inputs / 2, rng);
            register_module($"norm{i + 1}", norms[i]);
            register_module($"doubling{i + 1}", doublings[i]);
        }
    }

    /// <param name="input">z, [B, latent size].</param>
    /// <returns>[B, channels, height, width]; the caller disposes it.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = first.call(input).view(-1, coarsest.Channels, coarsest.Height, coarsest.Width);
        for (int i = 0; i < doublings.Length; i++) map = doublings[i].call(norms[i].call(map).relu_());
        return map.tanh().MoveToOuterDisposeScope();
    }
}
