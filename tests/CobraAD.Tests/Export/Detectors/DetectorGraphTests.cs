using CobraAD.Detection;
using CobraAD.Export;
using CobraAD.Export.Detectors;
using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Imaging;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export.Detectors;

public sealed class DetectorGraphTests : IDisposable
{
    private const int Height = 32;
    private const int Width = 40;

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    public static TheoryData<ResNetVariant, ResNetStem, CobraScore, int?> Networks => new()
    {
        { ResNetVariant.ResNet18, ResNetStem.Cifar, CobraScore.Similarity, null },
        { ResNetVariant.ResNet18, ResNetStem.ImageNet, CobraScore.Sum, null },
        { ResNetVariant.ResNet34, ResNetStem.Strided, CobraScore.Classifier, null },
        { ResNetVariant.ResNet50, ResNetStem.ImageNet, CobraScore.InnerProduct, null },
        { ResNetVariant.WideResNet50x2, ResNetStem.Strided, CobraScore.Similarity, null },
        { ResNetVariant.ResNet18, ResNetStem.Strided, CobraScore.Smooth, null },
        { ResNetVariant.ResNet18, ResNetStem.Strided, CobraScore.Center, null },
        { ResNetVariant.ResNet18, ResNetStem.Strided, CobraScore.Trimmed, null },
        { ResNetVariant.ResNet18, ResNetStem.Strided, CobraScore.LogOdds, null },
        { ResNetVariant.ResNet18, ResNetStem.Cifar, CobraScore.SmoothAndLogOdds, null },
        { ResNetVariant.ResNet18, ResNetStem.Cifar, CobraScore.SmoothAndLogOdds, 2 },
        { ResNetVariant.ResNet18, ResNetStem.Strided, CobraScore.Similarity, 3 },
        { ResNetVariant.ResNet50, ResNetStem.ImageNet, CobraScore.Center, 2 },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_exported_graph_gives_the_scores_of_torch(ResNetVariant variant, ResNetStem stem, CobraScore kind, int? members)
    {
        using Parts parts = new(variant, stem, members: members);
        Tensor bytes = Bytes(6, Height, Width);

        (double[] scores, long[] nearest) = parts.Score(bytes.to(float32) / 255, kind);
        using OnnxRun run = parts.Export(kind);
        Dictionary<string, Tensor> actual = run.Run(("image", bytes.permute(0, 2, 3, 1)));

        TensorAssert.Close(tensor(scores), actual["score"], 1e-5);
        Assert.Equal(nearest, actual["nearest_index"].data<long>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_exported_gradient_is_that_of_torch(ResNetVariant variant, ResNetStem stem, CobraScore kind, int? members)
    {
        using Parts parts = new(variant, stem, members: members);
        Tensor bytes = Bytes(3, Height, Width);
        Tensor images = (bytes.to(float32) / 255).requires_grad_();

        autograd.backward([parts.ScoreTensor(images, kind).sum()], inputs: [images]);
        using OnnxRun run = parts.Export(kind);
        Tensor actual = run.Run(("image", bytes.permute(0, 2, 3, 1)), ("explain", tensor(true)))["gradient"];

        double scale = images.grad!.abs().max().item<float>();
        Assert.True(scale > 0);
        // A ReLU or a maximum that flips by rounding changes single pixels.
        Tensor difference = (images.grad! - actual).abs() / scale;
        Assert.True(difference.mean().item<float>() < 1e-4, $"mean difference {difference.mean().item<float>()} of the largest gradient.");
        Assert.Equal(0, run.Run(("image", bytes.permute(0, 2, 3, 1)))["gradient"].numel());
    }

    [Theory]
    [InlineData(37, 91)]
    [InlineData(256, 256)]
    [InlineData(20, 16)]
    [InlineData(32, 300)]
    [InlineData(333, 40)]
    [InlineData(1200, 1600)]
    public void Images_of_any_size_are_resized_as_in_training(int height, int width)
    {
        Tensor bytes = Bytes(1, height, width);
        RgbImage resized = new RgbImage(width, height, bytes.data<byte>().ToArray()).Resize(Width, Height);
        OnnxGraph graph = new("test");
        graph.Output("result", ImageGraph.Build(graph, OnnxImageForm.Bytes, Height, Width), "");

        using OnnxRun run = new(graph);
        Tensor actual = (run.Run(("image", bytes.permute(0, 2, 3, 1)))["result"] * 255).round().to(int32);

        // Sums in another order may land on the other side of a half: one level, in one pixel of a thousand.
        Tensor difference = (actual - tensor(resized.Pixels.ToArray(), [1, 3, Height, Width]).to(int32)).abs();
        Assert.True(difference.max().item<int>() <= 1);
        Assert.True(difference.sum().item<long>() <= 3 * Height * Width / 1000, $"{difference.sum().item<long>()} pixels differ.");
    }

    [Fact]
    public void Real_numbers_of_the_right_size_pass_unchanged()
    {
        OnnxGraph graph = new("test");
        graph.Output("result", ImageGraph.Build(graph, OnnxImageForm.Floats, 16, 16), "");
        Tensor images = TestImages.Uniform(3, 16);

        using OnnxRun run = new(graph);

        TensorAssert.SameBits(images, run.Run(("image", images))["result"]);
    }

    [Fact]
    public void The_threshold_can_be_given_and_moves_the_decision_and_the_calibrated_score()
    {
        using Parts parts = new(ResNetVariant.ResNet18, ResNetStem.Strided);
        Tensor images = Bytes(5, Height, Width).permute(0, 2, 3, 1);
        using OnnxRun run = parts.Export(CobraScore.Similarity);

        Dictionary<string, Tensor> usual = run.Run(("image", images));
        double[] scores = usual["score"].data<double>().ToArray();
        double middle = scores.Order().ElementAt(2);
        Dictionary<string, Tensor> moved = run.Run(("image", images), ("threshold", tensor(middle, float64)));

        Assert.Equal(scores.Select(score => score > parts.Calibration.Threshold), usual["is_anomalous"].data<bool>().ToArray());
        Assert.Equal(scores.Select(parts.Calibration.Calibrate), usual["calibrated"].data<double>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(scores.Select(score => score > middle), moved["is_anomalous"].data<bool>().ToArray());
        Assert.Equal(0.5, moved["calibrated"].data<double>().ToArray()[Array.IndexOf(scores, middle)], 12);
    }

    [Fact]
    public void Images_are_scored_independently_of_their_batch()
    {
        using Parts parts = new(ResNetVariant.ResNet18, ResNetStem.Cifar);
        Tensor images = Bytes(4, Height, Width).permute(0, 2, 3, 1);
        using OnnxRun run = parts.Export(CobraScore.Similarity);

        Tensor together = run.Run(("image", images))["score"];
        Tensor alone = cat([.. Enumerable.Range(0, 4).Select(i => run.Run(("image", images.narrow(0, i, 1)))["score"])]);

        TensorAssert.Close(together, alone, 1e-6);
    }

    [Fact]
    public void Nearly_equal_bank_entries_are_told_apart()
    {
        using Parts parts = new(ResNetVariant.ResNet18, ResNetStem.Cifar, bankNoise: 1e-6);
        Tensor bytes = Bytes(6, Height, Width);

        (double[] scores, long[] nearest) = parts.Score(bytes.to(float32) / 255, CobraScore.Similarity);
        using OnnxRun run = parts.Export(CobraScore.Similarity);
        Dictionary<string, Tensor> actual = run.Run(("image", bytes.permute(0, 2, 3, 1)));

        TensorAssert.Close(tensor(scores), actual["score"], 1e-6);
    }

    [Theory]
    [InlineData(OnnxPrecision.Half, 0.55, 2e-3)]
    [InlineData(OnnxPrecision.Quantized, 0.32, 5e-2)]
    public void Smaller_weights_give_nearly_the_same_scores(OnnxPrecision precision, double size, double tolerance)
    {
        using Parts parts = new(ResNetVariant.ResNet18, ResNetStem.Cifar);
        Tensor bytes = Bytes(6, Height, Width).permute(0, 2, 3, 1);
        using OnnxRun full = parts.Export(CobraScore.Similarity);
        using OnnxRun small = parts.Export(CobraScore.Similarity, precision);

        TensorAssert.Close(full.Run(("image", bytes))["score"], small.Run(("image", bytes))["score"], tolerance);
        Assert.InRange(parts.SizeOf(precision) / (double)parts.SizeOf(OnnxPrecision.Full), 0.1, size);
    }

    private static Tensor Bytes(int count, int height, int width)
    {
        using Generator rng = new(7, CPU);
        return randint(0, 256, [count, 3, height, width], uint8, generator: rng);
    }

    private static CobraScoreConstants Constants { get; } = new() { Temperature = 0.3, Centers = 3, LogOddsWeight = 0.2 };

    /// <summary>A random network with the bank of its own embeddings.</summary>
    private sealed class Parts : IDisposable
    {
        private readonly CobraNetwork network;
        private readonly EmbeddingBank bank;

        public Parts(ResNetVariant variant, ResNetStem stem, double bankNoise = 0, int? members = null)
        {
            using Generator rng = new(5, CPU);
            network = new CobraNetwork(new CobraNetworkOptions { Encoder = new ResNetOptions { Variant = variant, Stem = stem, WidthFactor = 0.25 }, EmbeddingSize = 24, Members = members }, rng);
            network.eval();
            using Tensor images = rand([20, 3, Height, Width], generator: rng);
            using IDisposable frozen = no_grad();
            Tensor embeddings = network.Embed(images);
            if (bankNoise > 0) embeddings = embeddings[0] * (1 + bankNoise * randn(embeddings.shape, generator: rng));
            bank = new EmbeddingBank(embeddings);
        }

        public ScoreCalibration Calibration { get; } = new(-0.999, 0.001, 0.05, 0.1, 20, true);

        public OnnxGraph Graph(CobraScore kind, OnnxPrecision precision = OnnxPrecision.Full) =>
            DetectorGraph.Build(network, bank, CobraScores.Of(kind, Constants), Calibration, Height, Width, new OnnxExportOptions { Precision = precision });

        public OnnxRun Export(CobraScore kind, OnnxPrecision precision = OnnxPrecision.Full) => new(Graph(kind, precision));

        public long SizeOf(OnnxPrecision precision) => Graph(CobraScore.Similarity, precision).ToMessage().Size;

        public (double[] Scores, long[] Nearest) Score(Tensor images, CobraScore kind)
        {
            using IDisposable frozen = no_grad();
            long[] nearest = bank.MostSimilar(network.Embed(images), 1).Index.flatten().data<long>().ToArray();
            return (ScoreTensor(images, kind).data<double>().ToArray(), nearest);
        }

        public Tensor ScoreTensor(Tensor images, CobraScore kind) => CobraScores.Of(kind, Constants).Of(new ScoreInput(network.call(images), bank, 0));

        public void Dispose()
        {
            network.Dispose();
            bank.Dispose();
        }
    }
}
