using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Draem;

/// <summary>The reconstructive network x̂ = R(x), and the discriminative network, which sees x̂ and x and says of each pixel whether it is anomalous.</summary>
internal sealed class DraemNetwork : nn.Module
{
    private readonly DraemUNet reconstruction;
    private readonly DraemUNet segmentation;

    public DraemNetwork(DraemOptions options, int height, int width, Generator rng)
        : base(nameof(DraemNetwork))
    {
        // Every pooling halves; small images have room for fewer.
        int most = (int)Math.Log2(Math.Min(height, width));
        if (most < 2) throw new ArgumentException($"Images of {width} × {height} pixels are too small for DRAEM's poolings. Use images of 4 pixels or more.", nameof(height));
        reconstruction = new DraemUNet(3, 3, Widths(options.ReconstructionWidth, Math.Min(4, most)), hasSkips: false, rng);
        segmentation = new DraemUNet(6, 2, Widths(options.SegmentationWidth, Math.Min(5, most)), hasSkips: true, rng);
        register_module("reconstruction", reconstruction);
        register_module("segmentation", segmentation);
    }

    /// <summary>R; owned by the network.</summary>
    internal DraemUNet Reconstruction => reconstruction;

    /// <summary>What tells anomalous pixels; owned by the network.</summary>
    internal DraemUNet Segmentation => segmentation;

    /// <summary>x̂ [B, 3, H, W], of no bounded range; the caller disposes it.</summary>
    public Tensor Reconstruct(Tensor images) => reconstruction.call(images);

    /// <summary>Logits of normal and anomalous, [B, 2, H, W]; the caller disposes them.</summary>
    public Tensor Segment(Tensor images, Tensor reconstructed)
    {
        using DisposeScope scope = NewDisposeScope();
        return segmentation.call(cat([reconstructed, images], 1)).MoveToOuterDisposeScope();
    }

    private static int[] Widths(int width, int poolings) => [.. Enumerable.Range(0, poolings + 1).Select(level => width << Math.Min(level, 3))];
}
