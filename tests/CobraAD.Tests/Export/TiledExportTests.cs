using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Export;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Tiles;
using CobraAD.Runtime;
using CobraAD.Runtime.Explaining;
using CobraAD.Runtime.Images;
using CobraAD.Tests.Methods.Tiles;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export;

/// <summary>Detectors that work in tiles, exported and loaded in CobraAD.Runtime, against themselves in TorchSharp.</summary>
public sealed class TiledExportTests(TiledPlates plates) : IClassFixture<TiledPlates>
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData(OnnxPrecision.Full)]
    [InlineData(OnnxPrecision.Half)]
    public void A_model_scores_decides_and_shows_where_as_before(OnnxPrecision precision) => AssertSame(plates.Detector, precision, precision == OnnxPrecision.Full ? Tolerance : 0.3);

    [Fact]
    public void So_does_cobra()
    {
        CobraOptions options = (CobraOptions)DetectionMethods.Get("cobra").Preset("tiny", 32) with
        {
            Epochs = 1,
            ItemsPerEpoch = 32,
            BatchSize = 16,
            Attack = null,
            AnomalySource = "rotation",
            Score = CobraScore.Smooth,
            Tiles = new TileOptions { Size = 32, Overlap = 0.5, MostTraining = 64 },
        };
        using ITrainedDetector detector = DetectionMethods.Train(options, plates.Train);

        AssertSame((TiledDetector)detector, OnnxPrecision.Full, Tolerance);
    }

    [Fact]
    public void So_does_patchcore()
    {
        using ImageSet few = plates.Train.Subset([.. Enumerable.Range(0, 10)]);
        using ITrainedDetector detector = DetectionMethods.Train(DetectionMethods.Get("patchcore").Preset("tiny", 32) with { Tiles = new TileOptions { Size = 48, Overlap = 0 } }, few);

        AssertSame((TiledDetector)detector, OnnxPrecision.Full, Tolerance);
    }

    [Fact]
    public void A_method_that_cannot_be_exported_cannot_in_tiles_either()
    {
        using ITrainedDetector detector = DetectionMethods.Train(DetectionMethods.Get("deepsvdd").Preset("tiny", 32) with { Tiles = new TileOptions { Size = 32, MostTraining = 32 } }, plates.Train);
        using TemporaryFolder folder = new();

        Assert.Contains("'deepsvdd' cannot be exported", Assert.Throws<NotSupportedException>(() => OnnxExport.Write(detector, folder.File("model.onnx"))).Message, StringComparison.Ordinal);
    }

    private void AssertSame(TiledDetector detector, OnnxPrecision precision, double tolerance)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("model.onnx");
        OnnxExport.Write(detector, path, new OnnxExportOptions { Precision = precision });
        using RobustDetector runtime = RobustDetector.Load(path);
        double[] expected = detector.ScoreAll(plates.Defective);
        PixelLayout layout = new(PixelFormat.Rgb, LargeParts.Side, LargeParts.Side);

        for (int i = 0; i < 4; i++)
        {
            ScoreResult found = runtime.Score(plates.Defective.InterleavedPixels(i), layout);
            Assert.Equal(expected[i], found.Score, tolerance * Math.Max(1, Math.Abs(expected[i])));
            if (precision == OnnxPrecision.Full) Assert.Equal(expected[i] > detector.Threshold, found.IsAnomalous);
        }

        if (precision != OnnxPrecision.Full) return;
        using DisposeScope scope = NewDisposeScope();
        HeatMap map = runtime.Explain(plates.Defective.InterleavedPixels(1), layout);
        TensorAssert.Close(detector.HeatMap(plates.Defective.Batch(1, 1)).squeeze(0), tensor(map.Values.ToArray()).view(LargeParts.Side, LargeParts.Side), Tolerance);
    }
}
