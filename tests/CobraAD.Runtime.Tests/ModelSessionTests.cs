namespace CobraAD.Runtime.Tests;

public sealed class ModelSessionTests : IDisposable
{
    private readonly TestModel model = new();

    public void Dispose() => model.Dispose();

    [Fact]
    public void A_missing_model_says_so() => Assert.Throws<FileNotFoundException>(() => RobustDetector.Load(model.In("none.onnx")));

    [Fact]
    public void A_damaged_model_is_refused()
    {
        string half = model.In("half.onnx");
        byte[] content = File.ReadAllBytes(model.Path);
        File.WriteAllBytes(half, content[..(content.Length / 2)]);
        string noise = model.In("noise.onnx");
        File.WriteAllText(noise, "not a model");

        Assert.Contains(half, Assert.Throws<ModelRejectedException>(() => RobustDetector.Load(half)).Message, StringComparison.Ordinal);
        Assert.Throws<ModelRejectedException>(() => RobustDetector.Load(noise));
    }
}
