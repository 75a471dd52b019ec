// The whole way: from a folder of good images to a model file, scores and a robustness report.
// dotnet run -c Release --project samples/Train -- [OUTPUT [FOLDER]]     (without FOLDER it draws some parts)

using CobraAD;
using CobraAD.Attacks;
using Train;

string output = args.ElementAtOrDefault(0) ?? "train-sample";
string folder = args.ElementAtOrDefault(1) ?? DrawnParts.In(Path.Combine(output, "parts"));

using var data = Detector.Open(folder);
Console.WriteLine($"{data.Name}: {data.Train.Count} images to train on, {data.Test.Count} to test");

// A method and a preset that take a second. Detector.Train(data) trains COBRA, which takes hours on a CPU.
string model = Path.Combine(output, "model.cobra");
using (var trained = Detector.Train(data, "deepsvdd", "tiny")) trained.Save(model);

using var detector = Detector.Load(model);
FileScores scores = detector.ScoreFiles([folder]);
Console.WriteLine($"{scores.Images.Count(image => image.IsAnomalous)} of {scores.Images.Count} images are anomalous, {scores.Unreadable.Count} cannot be read");

RobustnessStudy study = new("4/255", "fgsm pgd:steps=10,restarts=1")
{
    // A curve of two radii. After an interruption the same study goes on from the state file.
    Radii = [1 / 255.0],
    Evaluation = new() { StateFile = Path.Combine(output, "study.state") },
    Audit = new() { Budget = Budget.Smoke },
};
using StudyResult result = study.Run(detector, data);
Console.WriteLine($"AUROC {result.CleanAuroc:P1} clean, {result.RobustAuroc:P1} attacked; {result.Audit!.Flagged.Count()} of {result.Audit.Checks.Count} checks flagged");
Console.WriteLine(result.Report("Drawn parts").Write(Path.Combine(output, "report")));
