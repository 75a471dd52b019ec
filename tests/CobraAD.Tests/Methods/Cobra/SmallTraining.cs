using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Cobra;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Training.Adversarial;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra;

/// <summary>A training of seconds: everything real, everything small.</summary>
internal static class SmallTraining
{
    public static CobraOptions Options { get; } = new()
    {
        Preset = "test",
        Seed = 11,
        Network = new CobraNetworkOptions { Encoder = Encoder, EmbeddingSize = 16 },
        PseudoAnomalies = new PseudoAnomalyOptions { Transforms = ["rotation", "noise", "cutout"], MaxTries = 3, Classifier = new TransformationClassifierOptions { Network = Encoder, Epochs = 1 } },
        Attack = new InnerMaximizationOptions { Epsilon = 4 / 255.0, Steps = 2 },
        Optimizer = new OptimizerOptions { Name = "adam" },
        LearningRate = new LearningRateSchedule { Peak = 2e-3, WarmUpEpochs = 0.5 },
        Epochs = 3,
        BatchSize = 8,
        Calibration = new CalibrationOptions { Minimum = 4 },
    };

    private static ResNetOptions Encoder => new() { Stem = ResNetStem.Strided, WidthFactor = 1.0 / 16 };

    /// <summary>Smooth blobs: noise at a quarter of the resolution, enlarged.</summary>
    public static ImageSet Images(int count = 28, int side = 16, long seed = 1)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new((ulong)seed, CPU);
        Tensor coarse = rand([count, 3, side / 4, side / 4], generator: rng);
        Tensor pixels = nn.functional.interpolate(coarse, [side, side], mode: InterpolationMode.Bilinear, align_corners: false).mul(255).to(ScalarType.Byte);
        return new ImageSet("blobs", pixels, [.. Enumerable.Range(0, count).Select(i => $"blob {i}")]);
    }

    public static byte[] Weights(nn.Module network)
    {
        using var scope = NewDisposeScope();
        return [.. network.state_dict().OrderBy(pair => pair.Key, StringComparer.Ordinal).SelectMany(pair => pair.Value.contiguous().bytes.ToArray())];
    }
}
