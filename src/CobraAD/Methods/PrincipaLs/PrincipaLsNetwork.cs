using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.PrincipaLs;

/// <summary>
/// An autoencoder whose latent Z in [0, 1]^(s × v), s positions of v channels, passes through two principal component analyses: over the channels,
/// then over the positions. What an attack writes into the discarded directions is lost.
/// </summary>
internal sealed class PrincipaLsNetwork : nn.Module<Tensor, Tensor>
{
    private readonly ConvolutionalEncoder encoder;
    private readonly ConvolutionalDecoder decoder;
    private readonly AveragedBasis channels;
    private readonly AveragedBasis positions;
    private readonly (int Height, int Width) map;

    public PrincipaLsNetwork(PrincipaLsOptions options, int height, int width, Generator rng)
        : base(nameof(PrincipaLsNetwork))
    {
        map = (height >> options.Channels.Count, width >> options.Channels.Count);
        int count = map.Height * map.Width;
        if (count == 0) throw new ArgumentException($"Images of {width} × {height} pixels are too small for {options.Channels.Count} poolings. Use larger images or fewer entries in Channels.", nameof(options));
        encoder = new ConvolutionalEncoder(options.Channels, rng);
        decoder = new ConvolutionalDecoder(options.Channels, height, width, rng);
        channels = new AveragedBasis(options.Channels[^1], options.VectorRank);
        positions = new AveragedBasis(count, Math.Min(options.SpatialRank, count));
        register_module("encoder", encoder);
        register_module("decoder", decoder);
        register_module("channels", channels);
        register_module("positions", positions);
    }

    /// <summary>Reconstructions x̂ of images; the caller disposes them.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return Decode(Encode(input)).MoveToOuterDisposeScope();
    }

    /// <summary>Z as [B, s, v]; the caller disposes it.</summary>
    public Tensor Encode(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return encoder.call(images).sigmoid().flatten(2).transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>What is left of Z: the coefficients [B, k_V · k_S]; the caller disposes them.</summary>
    public Tensor Reduce(Tensor latent)
    {
        using DisposeScope scope = NewDisposeScope();
        return positions.Reduce(VectorsOf(latent)).view(latent.size(0), -1).MoveToOuterDisposeScope();
    }

    /// <summary>Images of latents, through both analyses and back; the caller disposes them.</summary>
    public Tensor Decode(Tensor latent)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = latent.size(0), count = latent.size(1), width = latent.size(2);
        Tensor kept = positions.Restore(positions.Reduce(VectorsOf(latent))).view(batch, -1, count).transpose(1, 2);
        Tensor restored = channels.Restore(kept.reshape(batch * count, -1)).view(batch, count, width);
        return decoder.call(restored.transpose(1, 2).reshape(batch, width, map.Height, map.Width)).MoveToOuterDisposeScope();
    }

    /// <summary>Takes the latents of a batch into both analyses.</summary>
    public void Follow(Tensor latent, double weight)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        channels.Follow(latent.reshape(-1, latent.size(2)), weight);
        positions.Follow(VectorsOf(latent), weight);
    }

    /// <summary>Z after the channels' analysis, one row for each image and kept direction: [B · k_V, s].</summary>
    private Tensor VectorsOf(Tensor latent) => channels
        .Reduce(latent.reshape(-1, latent.size(2)))
        .view(latent.size(0), latent.size(1), -1).transpose(1, 2).reshape(-1, latent.size(1));
}
