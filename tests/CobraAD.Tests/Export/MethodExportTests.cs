using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Export;
using CobraAD.Methods;
using CobraAD.Methods.Neighbours;
using CobraAD.Methods.PatchCore;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Runtime;
using CobraAD.Runtime.Images;
using CobraAD.Tests.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export;

/// <summary>Detectors of the methods that compare features, exported and loaded in CobraAD.Runtime, against themselves in TorchSharp.</summary>
public sealed class MethodExportTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    private const double Tolerance = 1e-4;

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

    public static TheoryData<string, DetectorOptions> Variants => new()
    {
        { "enlarged and cropped images", Options(Small with { ResizeTo = 44, CropTo = 36 }) },
        { "smaller images", Options(Small with { ResizeTo = 24 }) },
        { "one stage", Options(Small) with { Stages = [1] } },
        { "three stages and three neighbours", Options(Small) with { Stages = [1, 2, 4], Neighbours = 3, PatchSize = 50 } },
        { "fewer stored patches than candidates", Options(Small) with { CoresetShare = 0.001 } },
        { "the ImageNet package", new PatchCoreOptions { CoresetShare = 0.01 } },
        { "its features", new Dn2Options() },
    };

    [Fact]
    public void PatchCore_says_where_as_before_and_others_say_that_they_cannot()
    {
        using TemporaryFolder folder = new();
        OnnxExport.Write(trained["dn2"], folder.File("dn2.onnx"));
        using RobustDetector runtime = RobustDetector.Load(folder.File("dn2.onnx"));

        Assert.Contains("scores only", Assert.Throws<NotSupportedException>(() => runtime.Explain(trained.Test.InterleavedPixels(0), Layout)).Message, StringComparison.Ordinal);
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

    private static PatchCoreOptions Options(BackboneOptions backbone) => new() { Backbone = backbone, PatchSize = 64, ProjectionSize = 32 };

    private PixelLayout Layout => new(PixelFormat.Rgb, trained.Test.Width, trained.Test.Height);

    private void AssertSame(ITrainedDetector detector)
    {
        using DisposeScope scope = NewDisposeScope();
        using TemporaryFolder folder = new();
        OnnxExport.Write(detector, folder.File("model.onnx"));
        using RobustDetector runtime = RobustDetector.Load(folder.File("model.onnx"));
        int[] some = [0, 1, 12, 13, 14];
        using ImageSet images = trained.Test.Subset(some);

        double[] expected = detector.ScoreAll(images);
        ScoreResult[] found = [.. some.Select((_, i) => runtime.Score(images.InterleavedPixels(i), Layout))];

        Assert.Equal(detector.Name, runtime.Model.Name);
        for (int i = 0; i < some.Length; i++)
        {
            double allowed = Tolerance * Math.Max(1, Math.Abs(expected[i]));
            Assert.InRange(found[i].Score, expected[i] - allowed, expected[i] + allowed);
            Assert.InRange(found[i].NearestIndex, 0, runtime.Model.BankSize - 1);
        }

        if (detector is not IAnomalyMap maps) return;
        Tensor map = maps.HeatMap(images.Batch(2, 1));
        float[] values = runtime.Explain(images.InterleavedPixels(2), Layout).Values.ToArray();
        TensorAssert.Close(map, tensor(values).view(1, images.Height, images.Width), Tolerance);
    }
}
