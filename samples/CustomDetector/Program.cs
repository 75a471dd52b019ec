// A detector of one's own, attacked and audited like the library's: all it needs is a score.
// dotnet run -c Release --project samples/CustomDetector

using CobraAD;
using CobraAD.Attacks;
using CobraAD.Datasets.Demo;
using CobraAD.Evaluation.Audit;
using CustomDetector;

using var data = DemoDataset.Open(16);
using MeanImageDetector detector = new(data.Train);

RobustnessStudy study = new("4/255", "fgsm pgd:steps=10,restarts=1")
{
    Evaluation = new() { SamplesPerClass = 50 },
    Audit = new() { Budget = Budget.Smoke },
};
using StudyResult result = study.Run(detector, data);
Console.WriteLine($"AUROC {result.CleanAuroc:P1} clean, {result.RobustAuroc:P1} attacked");
foreach (AuditCheck check in result.Audit!.Checks) Console.WriteLine($"{check.Number,2} {check.Status,-7} {check.Name}: {check.Measured}");
