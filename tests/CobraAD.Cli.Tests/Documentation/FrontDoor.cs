using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods.Cobra;
using CobraAD.Reporting;

namespace CobraAD.Cli.Tests.Documentation;

/// <summary>The README's examples, so that the compiler reads them.</summary>
internal static class FrontDoor
{
    public static void Train()
    {
        using AnomalyBenchmark data = DatasetLoader.Open("parts");
        using CobraDetector detector = new CobraTrainer(CobraPresets.Get("fast", data.Train.Height)).Train(data.Train);
        detector.Save("model.cobra");
    }

    public static double[] Score()
    {
        using CobraDetector detector = CobraDetector.Load("model.cobra");
        using ReadImages read = DatasetLoader.ReadImages(["new-parts"], detector.Card.Data.Height);
        double[] scores = [.. detector.ScoreAll(read.Images).Select(detector.Calibrate)];
        return scores;
    }

    public static void Attack(CobraDetector detector, AnomalyBenchmark data)
    {
        RobustnessEvaluator evaluator = new(detector, ThreatModel.Parse("4/255"), AttackRecipe.ParseMany("fgsm pgd:steps=100,restarts=5"));
        using RobustnessResult result = evaluator.Evaluate(data);
        ReportWriter.Write(RobustnessReport.From("My detector", data, result, [ReportDetector.From(result, data)], detector.Device), "report");
    }
}
