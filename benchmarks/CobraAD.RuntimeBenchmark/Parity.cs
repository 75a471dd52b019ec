using System.Diagnostics;
using System.Globalization;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Metrics;
using CobraAD.Export;
using CobraAD.Runtime;
using CobraAD.Runtime.Images;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.RuntimeBenchmark;

/// <summary>A trained model and its export on every test image of a data set, one thread each: how far scores and maps are apart, and what an image takes.</summary>
internal static class Parity
{
    /// <summary>Prints one row of a Markdown table, with its head.</summary>
    /// <param name="model">A .cobra file.</param>
    /// <param name="data">The data set's folder.</param>
    public static void Measure(string model, string data)
    {
        TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = 1 });
        string file = Path.Combine(Path.GetTempPath(), $"parity-{Environment.ProcessId}.onnx");
        try
        {
            using ITrainedDetector detector = Detector.Load(model);
            OnnxExport.Write(detector, file);
            using RobustDetector exported = RobustDetector.Load(file, new RobustDetectorOptions { Threads = 1 });
            using AnomalyBenchmark benchmark = DatasetLoader.Open(data, new DatasetOptions { ImageSize = detector.Card.Data.Height, SplitSeed = detector.Card.Options.Seed });
            Print(detector, exported, benchmark, new FileInfo(file).Length);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Print(ITrainedDetector detector, RobustDetector exported, AnomalyBenchmark benchmark, long bytes)
    {
        ImageSet test = benchmark.Test;
        PixelLayout layout = new(PixelFormat.Rgb, test.Width, test.Height);
        IAnomalyMap? maps = detector as IAnomalyMap;
        List<double> own = [], other = [], ownTime = [], otherTime = [], ownMapTime = [], otherMapTime = [];
        double map = 0, highest = 0;
        using IDisposable frozen = no_grad();
        for (int i = 0; i < test.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor image = test.Batch(i, 1);
            byte[] pixels = test.InterleavedPixels(i);
            own.Add(Timed(ownTime, () => detector.Score(image).to(ScalarType.Float64).item<double>()));
            other.Add(Timed(otherTime, () => exported.Score(pixels, layout).Score));
            if (maps is null) continue;
            float[] one = Timed(ownMapTime, () => maps.HeatMap(image).contiguous().data<float>().ToArray()), two = Timed(otherMapTime, () => exported.Explain(pixels, layout).Values.ToArray());
            map = Math.Max(map, one.Zip(two, (left, right) => Math.Abs(left - right)).Max());
            highest = Math.Max(highest, one.Max());
        }

        ScoreFidelity scores = ScoreFidelity.Compare(own, other, detector.Card.Calibration.Threshold, benchmark.TestIsAnomalous);
        Console.WriteLine("| method | images | AUROC, library | AUROC, exported | largest difference of a score | changed decisions | largest difference of a map | ms for a score, library | exported | ms for score and map, library | exported | file |\n|---|---|---|---|---|---|---|---|---|---|---|---|");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {detector.Name} | {benchmark.Name}, {scores.Images} | {scores.Auroc:0.00000} | {scores.OtherAuroc:0.00000} | {scores.LargestDifference:G2} of {own.Max():G3} | {scores.ChangedDecisions} | {(maps is null ? "" : $"{map:G2} of {highest:G3}")} | {Middle(ownTime)} | {Middle(otherTime)} | {Middle(ownMapTime)} | {Middle(otherMapTime)} | {bytes / 1e6:0.0} MB |"));
    }

    private static T Timed<T>(List<double> times, Func<T> work)
    {
        long started = Stopwatch.GetTimestamp();
        T result = work();
        times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return result;
    }

    /// <summary>The median and the least, in milliseconds.</summary>
    private static string Middle(List<double> times) => times.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{times.Order().ElementAt(times.Count / 2):0} ({times.Min():0})");
}
