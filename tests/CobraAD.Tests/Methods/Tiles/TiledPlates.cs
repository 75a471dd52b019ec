using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Tiles;

namespace CobraAD.Tests.Methods.Tiles;

/// <summary>A method trained once on tiles of <see cref="LargeParts"/>.</summary>
public sealed class TiledPlates : IDisposable
{
    private readonly Lazy<ITrainedDetector> detector;

    public TiledPlates() => detector = new Lazy<ITrainedDetector>(() => Task.Factory.StartNew(
        () => DetectionMethods.Train(Options, Train), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).GetAwaiter().GetResult());

    public static DetectorOptions Options => DetectionMethods.Get("dn2").Preset("tiny", 32) with { Tiles = new TileOptions { Size = 32 } };

    public ImageSet Train { get; } = LargeParts.Good(24, 1);

    public ImageSet Good { get; } = LargeParts.Good(10, 2);

    public ImageSet Defective { get; } = LargeParts.Defective(10, 3);

    internal TiledDetector Detector => (TiledDetector)detector.Value;

    public void Dispose()
    {
        if (detector.IsValueCreated) detector.Value.Dispose();
        Train.Dispose();
        Good.Dispose();
        Defective.Dispose();
    }
}
