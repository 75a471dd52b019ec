using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Tests.Imaging;
using static TorchSharp.torch;

namespace CobraAD.Tests.Detection;

public sealed class OperatingPointTests
{
    [Fact]
    public void The_image_that_a_threshold_comes_from_is_not_above_it_when_it_is_scored_alone()
    {
        using TemporaryFolder folder = new();
        for (int i = 0; i < 40; i++) folder.File($"{i}.png", Picture.Plain(77, 16, 16));
        using AnomalyBenchmark data = DatasetLoader.Open(folder.Path, new DatasetOptions { TestFraction = 0 });
        // As a sum over a batch rounds: an image alone scores a little more than among others.
        Func<Tensor, Tensor> score = images => images.to(ScalarType.Float64).mean([1L, 2L, 3L]) + (images.size(0) == 1 ? 5e-15 : 0);

        ScoreCalibration calibration = OperatingPoint.Find(score, data.Train, CPU, 0.05, heldOut: true);

        using Tensor alone = data.Train.Batch(0, 1), among = data.Train.Batch(0, 40);
        Assert.True(score(alone).item<double>() <= calibration.Threshold);
        Assert.True(score(among)[0].item<double>() <= calibration.Threshold);
        Assert.Equal(77 / 255.0, calibration.Threshold, 1e-6);
    }
}
