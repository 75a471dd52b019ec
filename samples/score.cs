// A program of one file: dotnet run samples/score.cs -- model.onnx part.png
// Outside this repository write "#:package CobraAD.Runtime@0.1.0" instead of the next line.
#:project ../src/CobraAD.Runtime/CobraAD.Runtime.csproj

using CobraAD.Runtime;

using var detector = RobustDetector.Load(args[0]);
ScoreResult result = detector.Score(args[1]);
Console.WriteLine($"{(result.IsAnomalous ? "anomalous" : "good")}: score {result.Score:F4}, threshold {result.Threshold:F4}");
