namespace CobraAD.Runtime.Tests;

public sealed class RobustDetectorOptionsTests : IDisposable
{
    private readonly TestModel model = new();

    public void Dispose() => model.Dispose();

    [Fact]
    public void Options_outside_their_range_are_named()
    {
        Assert.Throws<ArgumentOutOfRangeException>("Threads", () => RobustDetector.Load(model.Path, new RobustDetectorOptions { Threads = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>("MaxBatch", () => RobustDetector.Load(model.Path, new RobustDetectorOptions { MaxBatch = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("Threshold", () => RobustDetector.Load(model.Path, new RobustDetectorOptions { Threshold = double.NaN }));
    }
}
