namespace CobraAD.Runtime.Tests;

/// <summary>Tests that need a detector with a model whose scores are known.</summary>
public abstract class DetectorTests : IDisposable
{
    private readonly TestModel model = new();

    protected DetectorTests(RobustDetectorOptions? options = null) => Detector = RobustDetector.Load(model.Path, options);

    protected RobustDetector Detector { get; }

    private protected TestModel Model => model;

    public void Dispose()
    {
        Detector.Dispose();
        model.Dispose();
        GC.SuppressFinalize(this);
    }
}
