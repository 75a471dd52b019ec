using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Datasets;
using CobraAD.Datasets.Demo;
using CobraAD.Detection;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods;
using CobraAD.Serialization;
using CustomMethod;
using static TorchSharp.torch;

namespace CobraAD.Outside.Tests;

/// <summary>
/// A method and a detector that were written with the public API alone do what the library's own do. The method is registered for the whole
/// program, so these tests have one of their own.
/// </summary>
public sealed class MethodFromOutsideTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cobra-outside-").FullName;
    private readonly AnomalyBenchmark demo = DemoDataset.Open(32);

    private string Path => System.IO.Path.Combine(folder, "model.cobra");

    public void Dispose()
    {
        demo.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void It_is_unknown_until_it_is_registered_and_then_one_of_all()
    {
        MeanColourMethod own = new();
        MeanColourOptions options = new() { Weight = 2, Calibration = new CalibrationOptions { FalseAlarmRate = 0.1 } };
        using ImageSet few = demo.Train.Subset([.. Enumerable.Range(0, 80)]);
        using (ITrainedDetector alone = own.Train(options, few)) alone.Save(Path);

        ModelFormatException unknown = Assert.Throws<ModelFormatException>(() => DetectionMethods.Load(Path));
        Assert.Throws<ArgumentException>(() => DetectionMethods.Get(MeanColourMethod.Kind));
        Assert.Throws<ArgumentException>(() => DetectionMethods.Train(options, few));
        int before = DetectionMethods.All.Count;
        DetectionMethods.Register(own);

        Assert.Contains("has not registered", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(before + 1, DetectionMethods.All.Count);
        Assert.Same(own, DetectionMethods.All[^1]);
        Assert.Same(own, DetectionMethods.Get("Mean-Colour"));
        Assert.Contains("'mean-colour' already, Mean colour", Assert.Throws<ArgumentException>(() => DetectionMethods.Register(own)).Message, StringComparison.Ordinal);
        IsTrainedSavedAndLoaded(options, few);
        IsAttacked();
    }

    [Fact]
    public void A_detector_from_outside_is_scored_and_attacked()
    {
        using Brightness detector = new();

        double[] scores = detector.ScoreAll(demo.Test);
        using RobustnessResult result = Evaluate(detector);

        Assert.Equal(demo.Test.Count, scores.Length);
        Assert.True(result.Attacks.Count > 0);
    }

    private void IsTrainedSavedAndLoaded(MeanColourOptions options, ImageSet images)
    {
        using ITrainedDetector trained = DetectionMethods.Train(options, images);
        trained.Save(Path);
        using ITrainedDetector loaded = DetectionMethods.Load(Path);
        IModelCard card = DetectionMethods.LoadCard(Path);

        Assert.IsType<MeanColourDetector>(loaded);
        Assert.Equal(options, card.Options);
        Assert.Equal(images.Count, card.Data.Images);
        Assert.True(card.Calibration.HeldOut);
        Assert.Equal(trained.ScoreAll(demo.Test), loaded.ScoreAll(demo.Test));
        Assert.Equal(0.5, loaded.Calibrate(loaded.Threshold!.Value));
        Assert.Throws<ModelFormatException>(() => DetectionMethods.Get("deepsvdd").Load(Path));
    }

    private void IsAttacked()
    {
        using ITrainedDetector loaded = DetectionMethods.Load(Path);
        using RobustnessResult result = Evaluate(loaded);

        Assert.NotEmpty(result.Attacks);
    }

    private RobustnessResult Evaluate(IAnomalyDetector detector)
    {
        RobustnessOptions few = new() { SamplesPerClass = 8 };
        return new RobustnessEvaluator(detector, new ThreatModel(Norm.Linf, 2 / 255.0), [new Fgsm()], few).Evaluate(demo);
    }

    /// <summary>The mean of all pixels; nothing is trained.</summary>
    private sealed class Brightness : IAnomalyDetector
    {
        public string Name => "brightness";

        public Device Device => CPU;

        public Tensor Score(Tensor images) => images.mean([1, 2, 3]);

        public void Dispose()
        {
        }
    }
}
