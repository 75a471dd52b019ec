using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.ReContrast;

/// <summary>What is trained: the encoder E, which starts as the frozen encoder E_f, and bottleneck and decoder, which serve both.</summary>
internal sealed class ReContrastNetwork : nn.Module
{
    /// <summary>The stages that are compared.</summary>
    public const int Stages = 3;

    private readonly ReContrastBottleneck bottleneck;
    private readonly ReContrastDecoder decoder;

    /// <param name="frozen">E_f, with its normalisations; it stays the caller's.</param>
    /// <param name="rng">CPU generator of the weights of bottleneck and decoder.</param>
    public ReContrastNetwork(ResNet frozen, Generator rng)
        : base(nameof(ReContrastNetwork))
    {
        Encoder = frozen.FirstStages(Stages);
        StageShape shape = StageShape.Of(Encoder);
        bottleneck = new ReContrastBottleneck(shape, rng);
        decoder = new ReContrastDecoder(shape, rng);
        register_module("encoder", Encoder);
        register_module("bottleneck", bottleneck);
        register_module("decoder", decoder);
    }

    /// <summary>E; owned by the network.</summary>
    public ResNet Encoder { get; }

    /// <summary>Three maps to a code; owned by the network.</summary>
    internal ReContrastBottleneck Bottleneck => bottleneck;

    /// <summary>A code to three maps; owned by the network.</summary>
    internal ReContrastDecoder Decoder => decoder;

    /// <summary>What is compared: of each stage E_f's map with what comes of E's maps, and E's map with what comes of E_f's. The caller disposes the decoded ones.</summary>
    /// <param name="frozen">The maps of E_f, from fine to coarse.</param>
    /// <param name="trained">The maps of E.</param>
    public IReadOnlyList<MapPair> Pairs(IReadOnlyList<Tensor> frozen, IReadOnlyList<Tensor> trained)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor codes = bottleneck.Code([.. trained.Zip(frozen, (own, other) => cat([own, other]))]);
        return [.. decoder.Maps(codes).SelectMany((decoded, i) => new[]
        {
            new MapPair(frozen[i], decoded.Frozen.MoveToOuterDisposeScope()),
            new MapPair(trained[i], decoded.Trained.MoveToOuterDisposeScope()),
        })];
    }
}
