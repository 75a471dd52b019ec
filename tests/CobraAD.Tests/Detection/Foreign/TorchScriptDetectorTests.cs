using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Detection.Foreign;
using CobraAD.Tests.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Detection.Foreign;

/// <summary>
/// The files were made with PyTorch 1.13 by <c>torch.jit.save(torch.jit.script(…))</c>: the sum of w·x over [B, 3, 8, 8] with w from -1 to
/// 1, alone, as the second of a tuple, and in a dictionary.
/// </summary>
public sealed class TorchScriptDetectorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("plain.pt", null)]
    [InlineData("plain.pt", "0")]
    [InlineData("tuple.pt", "1")]
    public void The_score_is_the_output_that_was_named(string file, string? output)
    {
        using TorchScriptDetector detector = new(Model(file), new ForeignInput { ScoreOutput = output });
        Tensor images = TestImages.Uniform(3, 8);

        Tensor score = detector.Score(images);

        Assert.Equal(file, detector.Name);
        Assert.Equal([3L], score.shape);
        Assert.True((score - Expected(images)).abs().max().item<float>() < 1e-4);
    }

    [Fact]
    public void Gradients_go_through_the_model_and_its_declared_input()
    {
        ForeignInput input = new() { Size = 8, Low = 0, High = 255, Mean = [10, 20, 30], Deviation = [2, 3, 4], BlueFirst = true, LargerIsNormal = true };
        using TorchScriptDetector detector = new(Model("plain.pt"), input);
        Tensor images = TestImages.Uniform(2, 16).requires_grad_();

        Tensor score = detector.Score(images);
        autograd.backward([score.sum()], inputs: [images]);

        Tensor small = nn.functional.interpolate(images.detach(), size: [8, 8], mode: InterpolationMode.Bilinear, align_corners: false);
        Tensor ready = ((small * 255 - tensor([10f, 20, 30]).reshape(1, 3, 1, 1)) / tensor([2f, 3, 4]).reshape(1, 3, 1, 1)).flip(1);
        Assert.True((score + Expected(ready)).abs().max().item<float>() < 0.05);
        Assert.True(images.grad!.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void White_box_attacks_reach_the_optimum()
    {
        using TorchScriptDetector detector = new(Model("plain.pt"), new ForeignInput());
        Tensor images = TestImages.Uniform(2, 8) * 0.5 + 0.25;

        using Ledger ledger = AttackTrial.Run(new Fgsm(), detector, images, [false, true], new ThreatModel(Norm.Linf, 0.1));

        double expected = 0.1 * linspace(-1, 1, 192).abs().sum().item<float>();
        Assert.Equal(expected, ledger[0].Gain(), 1e-3);
        Assert.Equal(expected, ledger[1].Gain(), 1e-3);
    }

    [Theory]
    [InlineData("tuple.pt", null, "has 2 outputs: 0, 1. Say which")]
    [InlineData("tuple.pt", "7", "has no output '7'")]
    [InlineData("tuple.pt", "0", "Expected one score for each image")]
    [InlineData("tuple.pt", "score", "has no output 'score'. Its outputs: 0, 1")]
    [InlineData("named.pt", "pred_score", "returns a dictionary")]
    public void A_wrong_output_is_named_with_those_there_are(string file, string? output, string expected)
    {
        using TorchScriptDetector detector = new(Model(file), new ForeignInput { ScoreOutput = output });

        ForeignModelException error = Assert.Throws<ForeignModelException>(() => detector.Score(TestImages.Uniform(3, 8)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_size_is_named()
    {
        using TorchScriptDetector detector = new(Model("plain.pt"), new ForeignInput());

        ForeignModelException error = Assert.Throws<ForeignModelException>(() => detector.Score(TestImages.Uniform(3, 9)));

        Assert.Contains("refuses a batch of shape [3, 3, 9, 9]", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_model_is_refused()
    {
        string text = Path.Combine(AppContext.BaseDirectory, "report.schema.json");

        Assert.Contains("is not a TorchScript file", Assert.Throws<ForeignModelException>(() => new TorchScriptDetector(text, new ForeignInput())).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => new TorchScriptDetector("nowhere.pt", new ForeignInput()));
    }

    [Fact]
    public void A_declaration_that_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ForeignInput { Low = 1, High = 1 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new ForeignInput { Deviation = [1, 0, 1] }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new ForeignInput { Mean = [0.5] }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new ForeignInput { Size = 0 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new ForeignInput { Threshold = double.NaN }.Validate());
    }

    private static string Model(string file) => Path.Combine(AppContext.BaseDirectory, "Detection", "Foreign", "Models", file);

    private static Tensor Expected(Tensor images) => (images * linspace(-1, 1, 192).reshape(1, 3, 8, 8)).sum([1, 2, 3]);
}
