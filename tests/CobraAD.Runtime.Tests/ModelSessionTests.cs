using CobraAD.Export;

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

    /// <summary>Files of version 0.1.0 may have no seal: a changed number in one is noticed by nobody, and may be the size of a tensor.</summary>
    [Fact]
    public void A_model_without_a_seal_that_wants_gigabytes_is_refused()
    {
        using TestModel huge = new(multiplied: 40_000);
        string opened = huge.In("opened.onnx");
        File.WriteAllBytes(opened, WithoutSeal(File.ReadAllBytes(huge.Path)));

        Assert.Contains("bytes of memory", Assert.Throws<ModelRejectedException>(() => RobustDetector.Load(opened)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_a_seal_scores_like_the_same_one_with_it()
    {
        string opened = model.In("opened.onnx");
        File.WriteAllBytes(opened, WithoutSeal(File.ReadAllBytes(model.Path)));
        byte[] png = TestPicture.Plain(10, 20, 200);

        using RobustDetector with = RobustDetector.Load(model.Path), without = RobustDetector.Load(opened);

        Assert.Equal(with.Score(png).Score, without.Score(png).Score);
    }

    private static byte[] WithoutSeal(byte[] file)
    {
        Assert.True(OnnxSeal.IsThere(file));
        byte[] opened = file[..file.AsSpan().LastIndexOf("cobra.sha256"u8)];
        // Before the name stand its length, its field, and the entry's length and field.
        return opened[..^4];
    }
}
