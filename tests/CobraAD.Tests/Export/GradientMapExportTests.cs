using CobraAD.Detection;
using CobraAD.Export;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Runtime;
using CobraAD.Runtime.Explaining;
using CobraAD.Runtime.Images;
using CobraAD.Tests.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export;

/// <summary>The map by which an evaluation measures a detector without one of its own is the one that an operator sees.</summary>
public sealed class GradientMapExportTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    [Fact]
    public void The_gradient_s_map_is_the_Runtime_s_heat_map()
    {
        CobraOptions options = (CobraOptions)TrainedMethods.TinyOptions("cobra") with
        {
            Epochs = 1,
            ItemsPerEpoch = 32,
            BatchSize = 16,
            Attack = null,
            AnomalySource = "rotation",
            Score = CobraScore.Similarity,
        };
        using ITrainedDetector detector = DetectionMethods.Train(options, trained.Train);
        using DisposeScope scope = NewDisposeScope();
        using TemporaryFolder folder = new();
        OnnxExport.Write(detector, folder.File("model.onnx"));
        using RobustDetector runtime = RobustDetector.Load(folder.File("model.onnx"));

        Tensor map = new GradientMap(detector).HeatMap(trained.Test.Batch(12, 2));
        HeatMap heat = runtime.Explain(trained.Test.InterleavedPixels(13), new PixelLayout(PixelFormat.Rgb, trained.Test.Width, trained.Test.Height));

        Tensor expected = tensor(heat.Values.ToArray()).view(heat.Height, heat.Width);
        double largest = expected.max().item<float>();
        Assert.True(largest > 0);
        TensorAssert.Close(expected / largest, map[1] / largest, 1e-3);
    }
}
