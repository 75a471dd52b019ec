// A method of one's own: registered by name, then trained, saved, loaded, calibrated and attacked like the library's.
// dotnet run -c Release --project samples/CustomMethod -- OUT

using CobraAD;
using CobraAD.Datasets.Demo;
using CobraAD.Detection;
using CobraAD.Methods;
using CustomMethod;

DetectionMethods.Register(new MeanColourMethod());

string folder = args.Length > 0 ? args[0] : "out";
Directory.CreateDirectory(folder);
string path = Path.Combine(folder, "mean-colour.cobra");

using var data = DemoDataset.Open(16);
using (ITrainedDetector trained = Detector.Train(data, new MeanColourOptions { Weight = 2 })) trained.Save(path);

// Found by the name that the file holds.
using ITrainedDetector loaded = Detector.Load(path);
using StudyResult result = new RobustnessStudy("4/255", "fgsm pgd:steps=10,restarts=1") { Evaluation = new() { SamplesPerClass = 50 } }.Run(loaded, data);
Console.WriteLine($"{loaded.Card.Name}, threshold {loaded.Threshold:0.0000}: AUROC {result.CleanAuroc:P1} clean, {result.RobustAuroc:P1} attacked");
