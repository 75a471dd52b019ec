using CobraAD.Attacks;
using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Composite;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Detection.Foreign;
using CobraAD.Export.Graph;
using CobraAD.Onnx;
using CobraAD.Tests.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Detection.Foreign;

/// <summary>The models' score is the sum of the image's first row of pixels.</summary>
public sealed class OnnxDetectorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("batch", null)]
    [InlineData("batch", "0")]
    [InlineData("batch", "score")]
    [InlineData("1", "score")]
    public void The_score_is_the_output_that_was_named(string batch, string? output)
    {
        using OnnxDetector detector = new(Model(batch: batch), new ForeignInput { ScoreOutput = output });
        Tensor images = TestImages.Uniform(3, 8);

        Tensor score = detector.Score(images);

        Assert.False(detector.IsDifferentiable);
        Assert.True((score - Expected(images)).abs().max().item<float>() < 1e-4);
    }

    [Fact]
    public void Declared_size_range_and_sign_are_applied()
    {
        ForeignInput input = new() { Size = 8, High = 255, LargerIsNormal = true, Threshold = -3 };
        using OnnxDetector detector = new(Model(), input);
        Tensor images = TestImages.Uniform(2, 16);

        Tensor small = nn.functional.interpolate(images, size: [8, 8], mode: InterpolationMode.Bilinear, align_corners: false);
        Assert.True((detector.Score(images) + 255 * Expected(small)).abs().max().item<float>() < 0.05);
        Assert.Equal(-3, detector.Threshold);
    }

    [Fact]
    public void Queries_and_transferred_points_attack_it_and_gradients_do_not()
    {
        using OnnxDetector detector = new(Model(), new ForeignInput());
        using AnalyticDetector own = new(images => Expected(images) * 2);
        Tensor images = TestImages.Uniform(2, 8) * 0.5 + 0.25;
        ThreatModel threat = new(Norm.Linf, 0.1);
        // With one class no image is rank-broken from the start.
        bool[] labels = [false, false];

        using Ledger queried = AttackTrial.Run(new Square { Queries = 500 }, detector, images, labels, threat);
        using Ledger transferred = AttackTrial.Run(new Transfer(own, [new Fgsm()]), detector, images, labels, threat);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => AttackTrial.Run(new Fgsm(), detector, images, labels, threat));

        Assert.True(queried[0].Gain() > 0.2);
        Assert.Equal(0.1 * 24, transferred[0].Gain(), 1e-3);
        Assert.Equal(0.1 * 24, transferred[1].Gain(), 1e-3);
        Assert.Contains("black-box attacks square and simba", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_declarations_are_named()
    {
        string model = Model();

        Assert.Contains("has no output 'heat'. Its outputs: score", Refused(model, new ForeignInput { ScoreOutput = "heat" }), StringComparison.Ordinal);
        Assert.Contains("declared were 9 × 9", Refused(model, new ForeignInput { Size = 9 }), StringComparison.Ordinal);
        Assert.Contains("does not have 3 channels", Refused(model, new ForeignInput { Layout = ForeignLayout.Nhwc }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_of_another_size_is_named()
    {
        using OnnxDetector detector = new(Model(), new ForeignInput());

        ForeignModelException error = Assert.Throws<ForeignModelException>(() => detector.Score(TestImages.Uniform(2, 9)));

        Assert.Contains("refuses a batch of shape [2, 3, 9, 9]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[batch, 3, 8, 8]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_that_is_no_score_is_named()
    {
        using OnnxDetector detector = new(Model(isMap: true), new ForeignInput());

        Assert.Contains("Expected one score for each image", Assert.Throws<ForeignModelException>(() => detector.Score(TestImages.Uniform(2, 8))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_model_is_refused()
    {
        string text = folder.File("text.onnx");
        File.WriteAllText(text, "no model");

        Assert.Contains("is not an ONNX model", Refused(text, new ForeignInput()), StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => new OnnxDetector(folder.File("nowhere.onnx"), new ForeignInput()));
    }

    private static string Refused(string model, ForeignInput input) => Assert.Throws<ForeignModelException>(() => new OnnxDetector(model, input)).Message;

    private static Tensor Expected(Tensor images) => images.select(2, 0).sum([1, 2]);

    private string Model(string batch = "batch", bool isMap = false)
    {
        OnnxGraph graph = new("score");
        OnnxValue images = graph.Input("images", OnnxType.Float, "images", batch, "3", "8", "8");
        OnnxValue map = graph.Gather(images, graph.Integers([0], []), axis: 2);
        OnnxValue score = isMap ? map : graph.Sum(graph.Sum(map, axis: 2, keep: false), axis: 1, keep: false);
        graph.Output("score", score, "score", isMap ? [batch, "3", "8"] : [batch]);
        string path = folder.File($"{batch}-{isMap}.onnx");
        using FileStream stream = File.Create(path);
        OnnxModel.Write(stream, graph, "1", "test", []);
        return path;
    }
}
