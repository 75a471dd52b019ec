using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative.Gan;

/// <summary>Images to the logit of being real: the mirror image of a <see cref="GanGenerator"/>, with leaky ReLUs and no normalisation of the first map.</summary>
internal sealed class GanDiscriminator : nn.Module<Tensor, Tensor>
{
    private const double Leak = 0.2;

    private readonly Conv2d[] halvings;
    private readonly BatchNorm2d?[] norms;
    private readonly Linear last;

    /// <inheritdoc cref="GanGenerator(GanOptions, int, int, int, int, Generator)"/>
    public GanDiscriminator(GanOptions options, int channels, int height, int width, int depth, Generator rng)
        : base(nameof(GanDiscriminator))
    {
        halvings = new Conv2d[depth];
        norms = new BatchNorm2d?[depth];
        for (int i = 0; i < depth; i++)
        {
            int outputs = options.Width << i;
            halvings[i] = GanLayer.Halving(i == 0 ? channels : outputs / 2, outputs, rng);
            register_module($"halving{i + 1}", halvings[i]);
            if (i == 0) continue;
            norms[i] = nn.BatchNorm2d(outputs);
            register_module($"norm{i + 1}", norms[i]!);
        }

        last = GanLayer.Vector((options.Width << (depth - 1)) * (height >> depth) * (width >> depth), 1, rng);
        register_module("last", last);
    }

    /// <param name="input">Images in [-1, 1], [B, channels, height, width].</param>
    /// <returns>[B]; the caller disposes it.</returns>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = input;
        for (int i = 0; i < halvings.Length; i++)
        {
            map = halvings[i].call(map);
            if (norms[i] is { } norm) map = norm.call(map);
            map = nn.functional.leaky_relu(map, Leak);
        }

        return last.call(map.flatten(1)).squeeze(1).MoveToOuterDisposeScope();
    }
}
