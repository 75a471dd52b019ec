using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Imaging;
using CobraAD.Methods.DeepSvdd;
using CobraAD.Reporting;
using CobraAD.Tests.Attacks;
using CobraAD.Tests.Compatibility;
using CobraAD.Tests.Imaging;
using SkiaSharp;

namespace CobraAD.Tests;

/// <summary>What makes numbers worth less than they look stands at the top of every output.</summary>
public sealed class StudyWarningsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Training_images_among_the_test_images_are_counted()
    {
        for (int i = 0; i < 40; i++) folder.File($"class/good/{i}.png", Picture.Encode(SKEncodedImageFormat.Png, 8 + i, 30));
        for (int i = 0; i < 4; i++) folder.File($"class/bad/{i}.png", Picture.Encode(SKEncodedImageFormat.Png, 8, 8 + i, blue: 3));
        string parts = folder.File("class");
        using AnomalyBenchmark training = Detector.Open(parts, new DatasetOptions { Seed = 5 });
        using ITrainedDetector detector = Detector.Train(training, new DeepSvddOptions { Epochs = 1, Seed = 5 });
        using AnomalyBenchmark same = Detector.Open(parts, new DatasetOptions { SplitSeed = detector.Card.Options.Seed }), other = Detector.Open(parts);

        using StudyResult honest = new RobustnessStudy("1/255", "fgsm").Run(detector, same);
        using StudyResult leaking = new RobustnessStudy("1/255", "fgsm").Run(detector, other);

        int leaked = other.Test.Sources.Intersect(training.Train.Sources).Count();
        Assert.True(leaked > 0);
        Assert.Empty(honest.Warnings);
        string warning = Assert.Single(leaking.Warnings);
        Assert.StartsWith($"{leaked} of the 8 normal test images are among those that the detector was trained on", warning, StringComparison.Ordinal);
        Assert.Contains("seed 5", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Defects_among_the_training_images_are_said()
    {
        for (int i = 0; i < 12; i++) folder.File($"parts/train/good/{i}.png", Picture.Encode(SKEncodedImageFormat.Png, 8 + i, 30));
        folder.File("parts/test/good/0.png", Picture.Encode(SKEncodedImageFormat.Png, 50, 11));
        folder.File("parts/test/bad/0.png", Picture.Encode(SKEncodedImageFormat.Png, 11, 30));
        using AnomalyBenchmark data = Detector.Open(folder.File("parts"));
        using ITrainedDetector detector = Detector.Train(data, new DeepSvddOptions { Epochs = 1 });

        using StudyResult result = new RobustnessStudy("1/255", "fgsm").Run(detector, data);

        Assert.Contains("1 of the 1 anomalous test images", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_that_all_look_alike_are_not_called_leaks()
    {
        for (int i = 0; i < 12; i++) folder.File($"parts/train/good/{i:00}.png", Drawn(i));
        for (int i = 0; i < 3; i++) folder.File($"parts/test/good/{i}.png", Drawn(100 + i));
        folder.File("parts/test/bad/0.png", Drawn(200));
        using AnomalyBenchmark data = Detector.Open(folder.File("parts"), new DatasetOptions { Framing = new Framing { Window = DepthWindow.Full } });
        using ITrainedDetector detector = Detector.Train(data, new DeepSvddOptions { Epochs = 1 });

        using StudyResult result = new RobustnessStudy("1/255", "fgsm").Run(detector, data);

        string warning = Assert.Single(result.Warnings);
        Assert.StartsWith("4 of the 4 test images are almost the same as images that the detector was trained on, but so are 11 of those 12 themselves", warning, StringComparison.Ordinal);

        // One grey, and noise of a level that means over cells take away.
        static byte[] Drawn(int seed)
        {
            Random random = new(seed);
            return Picture.EncodeDeepPng(32, 32, 1, (_, _, _) => 257 * random.Next(119, 122));
        }
    }

    [Fact]
    public void An_attack_without_usable_gradients_is_not_called_by_its_name_alone()
    {
        using AnomalyBenchmark data = Detector.Open(OldFiles.Path("parts"));
        // Steps: the gradient is zero everywhere.
        using AnalyticDetector detector = new(images => ((images.select(1, 0) * 8).round() - images.select(1, 0).detach() * 0).mean([1L, 2L]) + 0 * images.mean([1L, 2L, 3L]));

        using StudyResult result = new RobustnessStudy("4/255", "pgd:steps=4").Run(detector, data);
        RobustnessReport report = result.Report("Steps");

        Assert.Contains("pgd 100 %", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal(result.Warnings, report.Warnings);
        Assert.Equal("pgd, 100 % of its gradients unusable", Assert.Single(report.Detectors[0].Attacks).Name);
        string page = File.ReadAllText(report.Write(folder.Path)), text = File.ReadAllText(Path.Combine(folder.Path, "report.md"));
        Assert.True(page.IndexOf("stepped in a random direction", StringComparison.Ordinal) < page.IndexOf("class=\"verdict\"", StringComparison.Ordinal));
        Assert.Contains("> **Warning.** Gradients were zero", text, StringComparison.Ordinal);
    }
}
