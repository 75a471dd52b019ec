using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Apae;

/// <summary>Encoder, decoder, and what the score needs besides: the weight of each pixel's error and the length of a step of the descent.</summary>
internal sealed class ApaeNetwork : nn.Module<Tensor, Tensor>
{
    public ApaeNetwork(ApaeOptions options, int height, int width, Generator rng)
        : base(nameof(ApaeNetwork))
    {
        if (Math.Min(height, width) >> options.Channels.Count == 0)
            throw new ArgumentException($"Images of {width} × {height} pixels are too small for {options.Channels.Count} halvings. Use larger images or fewer entries in Channels.", nameof(options));
        List<(int Height, int Width)> sizes = [(height, width)];
        foreach (int _ in options.Channels) sizes.Add(((sizes[^1].Height + 1) / 2, (sizes[^1].Width + 1) / 2));
        Encoder = new SmoothEncoder(options, sizes, rng);
        Decoder = new SmoothDecoder(options, sizes, rng);
        register_module("encoder", Encoder);
        register_module("decoder", Decoder);
        register_buffer("weights", ones(3, height, width).DetachFromDisposeScope());
        register_buffer("step", zeros(1).DetachFromDisposeScope());
    }

    public SmoothEncoder Encoder { get; }

    public SmoothDecoder Decoder { get; }

    /// <summary>w, [3, H, W].</summary>
    /// <remarks>After a move to another device or type the buffers are other tensors than those of the constructor.</remarks>
    public Tensor Weights => get_buffer("weights")!;

    /// <summary>η, the length of a step of the descent.</summary>
    public double Step
    {
        get
        {
            using DisposeScope scope = NewDisposeScope();
            return get_buffer("step")!.to(ScalarType.Float64).item<double>();
        }
    }

    /// <summary>Dec(Enc(x)), without the descent; the caller disposes it.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return Decoder.call(Encoder.call(input)).MoveToOuterDisposeScope();
    }

    /// <summary>What the training found for the score.</summary>
    /// <param name="weights">[3, H, W].</param>
    /// <param name="step">Above 0.</param>
    public void SetScore(Tensor weights, double step)
    {
        using IDisposable frozen = no_grad();
        Weights.copy_(weights);
        get_buffer("step")!.fill_(step);
    }
}
