using CobraAD;
using CobraAD.Onnx;

// Outside the rooms' namespaces, and with no other using: what compiles here, compiles for a user who copies it.
#pragma warning disable IDE0130
namespace Documentation;

/// <summary>The examples of the packages' pages, so that the compiler reads them.</summary>
internal static class FrontDoor
{
    public static void Train()
    {
        using var data = Detector.Open("parts");
        using var detector = Detector.Train(data);             // COBRA; or a method by name: Detector.Train(data, "deepsvdd")
        detector.Save("model.cobra");
    }

    public static void ScoreAndAttack()
    {
        using var data = Detector.Open("parts");
        using var detector = Detector.Load("model.cobra");
        double[] scores = detector.Calibrated("new-parts");    // 0.5 is the threshold
        Console.WriteLine(scores.Length);
        using var result = new RobustnessStudy("4/255", "fgsm pgd:steps=100,restarts=5") { Audit = new() }.Run(detector, data);
        Console.WriteLine($"AUROC {result.CleanAuroc:P1} clean, {result.RobustAuroc:P1} attacked");
        result.Report("My detector").Write("report");
    }

    public static void AttackTheDetectorOfSomebodyElse()
    {
        using var data = Detector.Open("parts");
        using var detector = Detector.ForeignOnnx("other.onnx", new() { Size = 256, ScoreOutput = "pred_score" });
        using var result = new RobustnessStudy("4/255", "square").Run(detector, data);
    }
}
