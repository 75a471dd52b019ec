using System.Collections.Concurrent;
using CobraAD.Datasets;
using CobraAD.Datasets.Demo;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;

namespace CobraAD.Tests.Methods;

/// <summary>Each method, trained once at "tiny" on trousers; what every test of the contract works with.</summary>
public sealed class TrainedMethods : IDisposable
{
    private readonly AnomalyBenchmark demo = DemoDataset.Open(32);
    private readonly ConcurrentDictionary<string, Lazy<ITrainedDetector>> detectors = new(StringComparer.Ordinal);

    public TrainedMethods()
    {
        Train = demo.Train.Subset([.. Enumerable.Range(0, 120)]);
        int[] normals = [.. Enumerable.Range(0, demo.Test.Count).Where(i => !demo.TestIsAnomalous[i]).Take(12)];
        int[] anomalies = [.. Enumerable.Range(0, demo.Test.Count).Where(i => demo.TestIsAnomalous[i]).Take(12)];
        Test = demo.Test.Subset([.. normals, .. anomalies]);
        IsAnomalous = [.. normals.Select(_ => false), .. anomalies.Select(_ => true)];
    }

    public ImageSet Train { get; }

    /// <summary>12 normal images, then 12 anomalous ones.</summary>
    public ImageSet Test { get; }

    public bool[] IsAnomalous { get; }

    public ITrainedDetector this[string method] =>
        detectors.GetOrAdd(method, name => new Lazy<ITrainedDetector>(() => OnOwnThread(() => DetectionMethods.Get(name).Train(TinyOptions(name), Train)))).Value;

    /// <summary>The test that asks first may be inside a scope or without gradients; both belong to its thread.</summary>
    private static T OnOwnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).GetAwaiter().GetResult();

    /// <summary>COBRA's preset repeats so few images until it has its usual number of updates; what is tested here holds for fewer.</summary>
    public static DetectorOptions TinyOptions(string method) =>
        DetectionMethods.Get(method).Preset("tiny", 32) is var options && options is CobraOptions cobra ? cobra with { ItemsPerEpoch = 0 } : options;

    public void Dispose()
    {
        foreach (Lazy<ITrainedDetector> detector in detectors.Values) detector.Value.Dispose();
        Train.Dispose();
        Test.Dispose();
        demo.Dispose();
    }
}
