// An attack of one's own beside one of the library's, and both together.
// dotnet run -c Release --project samples/CustomAttack

using CobraAD;
using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Datasets.Demo;
using CobraAD.Evaluation.Robustness;
using CustomAttack;

using var data = DemoDataset.Open(16);
using var detector = Detector.Train(data, "deepsvdd", "tiny");

RobustnessStudy study = new(ThreatModel.Parse("8/255"), [new Jitter { Draws = 20 }, new Fgsm()]) { Evaluation = new() { SamplesPerClass = 50 } };
using StudyResult result = study.Run(detector, data);
Console.WriteLine($"untouched: AUROC {result.CleanAuroc:P1}");
foreach (AttackOutcome attack in result.Robustness.Attacks)
    Console.WriteLine($"{attack.Recipe}: AUROC {attack.Worst.Metrics.Auroc:P1} for {attack.ForwardPasses} forward and {attack.BackwardPasses} backward passes");
Console.WriteLine($"the worst of both: AUROC {result.RobustAuroc:P1}");
