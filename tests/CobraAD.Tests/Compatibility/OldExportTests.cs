using System.Text.Json.Nodes;
using CobraAD.Runtime;

namespace CobraAD.Tests.Compatibility;

/// <summary>A model that an older version exported for the runtime.</summary>
public sealed class OldExportTests
{
    [Fact]
    public void The_runtime_scores_what_it_scored_then()
    {
        JsonObject expected = OldFiles.Expected["onnx"]!.AsObject();
        using RobustDetector detector = RobustDetector.Load(OldFiles.Path("cobra-paper.onnx"), new RobustDetectorOptions { Threads = 1 });

        ScoreResult[] results = [.. expected.Select(image => detector.Score(OldFiles.Path(image.Key)))];

        // ONNX Runtime chooses kernels by more than the processor, so not even the same one promises the same bits.
        OldFiles.AssertClose([.. expected.Select(image => (double)image.Value![0]!)], [.. results.Select(result => result.Score)]);
        Assert.Equal((double)OldFiles.Expected["models"]!["cobra-paper.cobra"]!["threshold"]!, detector.Threshold, 1e-6);
        // The scale is steep: the scores of these images lie within a thousandth, so a float's last digits show on it.
        Assert.All(expected.Zip(results), pair => Assert.Equal((double)pair.First.Value![1]!, pair.Second.Calibrated, 0.05));
    }

    [Fact]
    public void Its_card_is_read()
    {
        using RobustDetector detector = RobustDetector.Load(OldFiles.Path("cobra-paper.onnx"), new RobustDetectorOptions { Threads = 1 });

        Assert.Equal(("COBRA", 16, 16), (detector.Model.Name, detector.Model.InputWidth, detector.Model.InputHeight));
    }
}
