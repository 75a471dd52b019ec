using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Adversarial;

/// <summary>A small network and what it is attacked for.</summary>
internal static class SmallAttack
{
    public static PairLayout Layout { get; } = new(4, 3);

    public static CobraObjective Objective { get; } = new(ContrastiveLosses.Create(new ContrastiveLossOptions()));

    public static ResNetOptions Encoder { get; } = new() { WidthFactor = 0.125 };

    /// <summary>In evaluation mode; the caller disposes it.</summary>
    public static CobraNetwork CreateNetwork()
    {
        using Generator rng = new RandomStreams(1).Create("weights");
        CobraNetwork network = new(new CobraNetworkOptions { Encoder = Encoder, EmbeddingSize = 8 }, rng);
        network.eval();
        return network;
    }
}
