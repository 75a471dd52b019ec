// Scores every image of a folder in parallel, prints what needs a look, and keeps a heat map of each such part.
// dotnet run --project samples/Inspect -- model.onnx FOLDER

using CobraAD.Runtime;

if (args is not [string model, string folder])
{
    Console.Error.WriteLine("Usage: inspect MODEL.onnx FOLDER");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

// Images run in parallel, so each gets one thread.
using var detector = RobustDetector.Load(model, new RobustDetectorOptions { Threads = 1 });
Console.WriteLine($"{detector.Model.Name}, {detector.Model.InputWidth} × {detector.Model.InputHeight} pixels, threshold {detector.Threshold:F4}");

var parallel = new ParallelScoringOptions { OnRejected = rejected => Console.Error.WriteLine(rejected.Message) };
int anomalous = 0;
await foreach (ScoreResult result in detector.ScoreAsync(Directory.EnumerateFiles(folder), parallel, stop.Token))
{
    // Below 1, an attack of the strength that the model was trained against could turn the decision.
    bool nearEdge = result.RobustMargin < 1;
    if (!result.IsAnomalous && !nearEdge) continue;

    anomalous += result.IsAnomalous ? 1 : 0;
    Console.WriteLine($"{result.Source}: {result.Calibrated:F3}{(result.IsAnomalous ? " anomalous" : "")}{(nearEdge ? " near the edge" : "")}");
    if (result.IsAnomalous) File.WriteAllBytes($"{result.Source}.heat.png", detector.Explain(result.Source!, cancellation: stop.Token).ToPng());
}

LatencySnapshot latency = detector.Latency;
Console.WriteLine($"{latency.Count} images, {anomalous} anomalous; p50 {latency.P50.TotalMilliseconds:F1} ms, p99 {latency.P99.TotalMilliseconds:F1} ms");
return anomalous == 0 ? 0 : 1;
