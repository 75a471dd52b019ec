using CobraAD.Datasets;
using CobraAD.Datasets.Demo;
using CobraAD.Detection;
using CobraAD.Export;
using CobraAD.Methods;
using CobraAD.Methods.Csi;
using CobraAD.Methods.Draem;
using CobraAD.Methods.Neighbours;
using CobraAD.Methods.Ocsdf;
using CobraAD.Methods.PatchCore;
using CobraAD.Methods.ReContrast;
using CobraAD.Methods.Transformaly;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Networks.Transformer;
using CobraAD.Runtime;
using CobraAD.Runtime.Images;
using CobraAD.Tests.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export;

/// <summary>Detectors of every method that can be exported, loaded in CobraAD.Runtime, against themselves in TorchSharp.</summary>
public sealed class MethodExportTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    private const double Tolerance = 1e-4;

    private static readonly BackboneOptions Transformer = new()
    {
        Transformer = new VisionTransformerOptions { PatchSize = 8, ImageSize = 48, Width = 32, Depth = 2, Heads = 4, HiddenWidth = 64 },
        ResizeTo = 40,
        CropTo = 32,
    };

    private static readonly BackboneOptions Cropped = new() { Network = new ResNetOptions { Stem = ResNetStem.ImageNet, WidthFactor = 0.125 }, ResizeTo = 72, CropTo = 64 };

    private static readonly BackboneOptions Small = new() { Network = new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 0.25 } };

    [Theory]
    [InlineData("dn2")]
    [InlineData("panda")]
    [InlineData("msad")]
    [InlineData("zarnd")]
    [InlineData("patchcore")]
    public void A_method_scores_and_decides_as_before(string method) => AssertSame(trained[method]);

    [Theory]
    [MemberData(nameof(Variants))]
    public void So_does_a_detector_with(string what, DetectorOptions options)
    {
        Assert.NotEmpty(what);
        ImageSet images = trained.Train.Subset([.. Enumerable.Range(0, 16)]);
        using ITrainedDetector detector = DetectionMethods.Train(options, images);

        AssertSame(detector);
    }

    [Theory]
    [InlineData("ocsdf")]
    [InlineData("draem")]
    public void So_does_a_method_on_images_that_halve_unevenly(string method)
    {
        using AnomalyBenchmark demo = DemoDataset.Open(20);
        using ImageSet images = demo.Train.Subset([.. Enumerable.Range(0, 16)]);
        DetectorOptions options = method == "ocsdf" ? Tiny<OcsdfOptions>(method) with { Widths = [8, 8, 8, 8], Depths = [1, 1, 1, 1], Epochs = 1 } : Tiny<DraemOptions>(method) with { Epochs = 1 };
        using ITrainedDetector detector = DetectionMethods.Train(options, images);

        AssertSame(detector, demo.Test);
    }

    public static TheoryData<string, DetectorOptions> Variants => new()
    {
        { "enlarged and cropped images", Options(Small with { ResizeTo = 44, CropTo = 36 }) },
        { "smaller images", Options(Small with { ResizeTo = 24 }) },
        { "one stage", Options(Small) with { Stages = [1] } },
        { "three stages and three neighbours", Options(Small) with { Stages = [1, 2, 4], Neighbours = 3, PatchSize = 50 } },
        { "fewer stored patches than candidates", Options(Small) with { CoresetShare = 0.001 } },
        { "the ImageNet package", new PatchCoreOptions { CoresetShare = 0.01 } },
        { "its features", new Dn2Options() },
        { "features of a transformer on enlarged and cropped images", new Dn2Options { Backbone = Transformer } },
        { "images under rotations", Short("csi") },
        { "halves exchanged", Tiny<CsiOptions>("csi") with { Network = Tiny<CsiOptions>("csi").Network with { Classes = 3 }, Shift = CsiShift.Permutation, Epochs = 1, BatchSize = 8 } },
        { "a Lipschitz constant", Short("ocsdf") },
        { "sums of channels", Tiny<OcsdfOptions>("ocsdf") with { PoolsGlobally = true, Widths = [8, 8, 8, 8, 8, 8], Depths = [1, 1, 1, 1, 1, 1], Epochs = 1 } },
        { "two encoders and a decoder", Short("recontrast") },
        { "an ImageNet stem on enlarged and cropped images", Tiny<ReContrastOptions>("recontrast") with { Backbone = Cropped, Iterations = 10 } },
        { "bottleneck blocks", Tiny<ReContrastOptions>("recontrast") with { Backbone = new() { Network = new() { Stem = ResNetStem.Strided, Variant = ResNetVariant.ResNet50, WidthFactor = 0.125 } }, Iterations = 10 } },
        { "students of a transformer", Short("transformaly") },
        { "students of residual blocks", new TransformalyOptions { Backbone = Small, Epochs = 1 } },
        { "two U-Nets", Short("draem") },
        { "no averaging window", Tiny<DraemOptions>("draem") with { Window = 1, Epochs = 1 } },
    };

    [Fact]
    public void PatchCore_says_where_as_before_and_others_say_that_they_cannot()
    {
        using TemporaryFolder folder = new();
        OnnxExport.Write(trained["dn2"], folder.File("dn2.onnx"));
        using RobustDetector runtime = RobustDetector.Load(folder.File("dn2.onnx"));

        Assert.Contains("scores only", Assert.Throws<NotSupportedException>(() => runtime.Explain(trained.Test.InterleavedPixels(0), Layout)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("recontrast")]
    [InlineData("draem")]
    [InlineData("transformaly")]
    [InlineData("ocsdf")]
    public void Weights_of_half_the_size_score_alike(string method)
    {
        using TemporaryFolder folder = new();
        using ITrainedDetector detector = TrainShort(method);
        OnnxExport.Write(detector, folder.File("full.onnx"));
        OnnxExport.Write(detector, folder.File("half.onnx"), new OnnxExportOptions { Precision = OnnxPrecision.Half });
        using RobustDetector full = RobustDetector.Load(folder.File("full.onnx")), half = RobustDetector.Load(folder.File("half.onnx"));

        double expected = full.Score(trained.Test.InterleavedPixels(13), Layout).Score, found = half.Score(trained.Test.InterleavedPixels(13), Layout).Score;

        Assert.True(new FileInfo(folder.File("half.onnx")).Length < 0.8 * new FileInfo(folder.File("full.onnx")).Length);
        Assert.NotEqual(expected, found);
        Assert.Equal(expected, found, 0.05 * Math.Max(1, Math.Abs(expected)));
    }

    [Fact]
    public void A_method_without_a_bank_names_no_nearest_image()
    {
        using TemporaryFolder folder = new();
        using ITrainedDetector detector = TrainShort("ocsdf");
        OnnxExport.Write(detector, folder.File("model.onnx"));
        using RobustDetector runtime = RobustDetector.Load(folder.File("model.onnx"));

        Assert.Equal(0, runtime.Model.BankSize);
        Assert.Equal(-1, runtime.Score(trained.Test.InterleavedPixels(0), Layout).NearestIndex);
    }

    [Fact]
    public void Views_with_random_colours_are_refused_with_what_to_do()
    {
        using TemporaryFolder folder = new();
        using ImageSet images = trained.Train.Subset([.. Enumerable.Range(0, 8)]);
        using ITrainedDetector detector = DetectionMethods.Train(Tiny<CsiOptions>("csi") with { Epochs = 1, BatchSize = 4, ScoreViews = 1 }, images);

        Assert.Contains("\"scoreViews\": 0", Assert.Throws<NotSupportedException>(() => OnnxExport.Write(detector, folder.File("model.onnx"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_that_cannot_be_exported_says_which_can()
    {
        using TemporaryFolder folder = new();

        string message = Assert.Throws<NotSupportedException>(() => OnnxExport.Write(trained["deepsvdd"], folder.File("model.onnx"))).Message;

        Assert.Contains("deepsvdd", message, StringComparison.Ordinal);
        Assert.Contains("patchcore", message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("model.onnx")));
    }

    /// <summary>As the preset "tiny", trained for a moment: what a graph computes does not depend on how good the weights are.</summary>
    private static DetectorOptions Short(string method) => DetectionMethods.Get(method).Preset("tiny", 32) switch
    {
        CsiOptions csi => csi with { Epochs = 1, BatchSize = 8 },
        OcsdfOptions ocsdf => ocsdf with { Epochs = 1, WarmUpEpochs = 0, BatchSize = 8 },
        ReContrastOptions contrast => contrast with { Iterations = 10, BatchSize = 4 },
        DraemOptions draem => draem with { Epochs = 1, BatchSize = 8 },
        TransformalyOptions transformaly => transformaly with { Epochs = 1 },
        DetectorOptions other => other,
    };

    private static T Tiny<T>(string method)
        where T : DetectorOptions => (T)DetectionMethods.Get(method).Preset("tiny", 32);

    private ITrainedDetector TrainShort(string method)
    {
        using ImageSet images = trained.Train.Subset([.. Enumerable.Range(0, 16)]);
        return DetectionMethods.Train(Short(method), images);
    }

    private static PatchCoreOptions Options(BackboneOptions backbone) => new() { Backbone = backbone, PatchSize = 64, ProjectionSize = 32 };

    private PixelLayout Layout => new(PixelFormat.Rgb, trained.Test.Width, trained.Test.Height);

    private void AssertSame(ITrainedDetector detector) => AssertSame(detector, trained.Test);

    private static void AssertSame(ITrainedDetector detector, ImageSet test)
    {
        using DisposeScope scope = NewDisposeScope();
        using TemporaryFolder folder = new();
        OnnxExport.Write(detector, folder.File("model.onnx"));
        using RobustDetector runtime = RobustDetector.Load(folder.File("model.onnx"));
        PixelLayout layout = new(PixelFormat.Rgb, test.Width, test.Height);
        int[] some = [0, 1, 12, 13, 14];
        using ImageSet images = test.Subset(some);

        double[] expected = detector.ScoreAll(images);
        ScoreResult[] found = [.. some.Select((_, i) => runtime.Score(images.InterleavedPixels(i), layout))];

        Assert.Equal(detector.Name, runtime.Model.Name);
        for (int i = 0; i < some.Length; i++)
        {
            double allowed = Tolerance * Math.Max(1, Math.Abs(expected[i]));
            Assert.InRange(found[i].Score, expected[i] - allowed, expected[i] + allowed);
            Assert.Equal(expected[i] > detector.Threshold, found[i].IsAnomalous);
            Assert.InRange(found[i].NearestIndex, Math.Min(0, runtime.Model.BankSize - 1), runtime.Model.BankSize - 1);
        }

        if (detector is not IAnomalyMap maps) return;
        Tensor map = maps.HeatMap(images.Batch(2, 1));
        float[] values = runtime.Explain(images.InterleavedPixels(2), layout).Values.ToArray();
        TensorAssert.Close(map, tensor(values).view(1, images.Height, images.Width), Tolerance);
    }
}
