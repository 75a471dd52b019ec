using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Apae;
using CobraAD.Tests.Methods.Cobra;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Apae;

public sealed class ApaeTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    private static readonly ApaeOptions Tiny = (ApaeOptions)TrainedMethods.TinyOptions("apae");

    [Theory]
    [InlineData(0)]
    [InlineData(0.03)]
    public void In_float64_the_gradient_through_the_whole_descent_is_the_slope_of_the_score(double noise)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        Tensor images = Images(noise, rng);
        Tensor gradient = Gradient(images, trained["apae"].Score);

        Assert.All(Slopes(images, gradient, rng), pair => Assert.Equal(pair.Difference, pair.Autograd, Math.Abs(pair.Difference) * 1e-4 + 1e-5));
    }

    [Fact]
    public void The_envelope_theorem_would_give_another_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        ITrainedDetector detector = trained["apae"];
        Tensor images = Images(0, rng);
        Func<Tensor, Tensor> codeFixed = detector.Surrogates.Single(surrogate => surrogate.Name.Contains("fixed", StringComparison.Ordinal)).Score;

        Tensor whole = Gradient(images, detector.Score), envelope = Gradient(images, codeFixed);

        TensorAssert.Close(detector.Score(images), codeFixed(images), 1e-12);
        Assert.True(((whole - envelope).norm() / whole.norm()).item<double>() > 0.02);
    }

    [Fact]
    public void The_descent_brings_every_reconstruction_closer()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(0, CPU);
        using ApaeNetwork network = new(Tiny, 32, 32, rng);
        Tensor images = trained.Test.Batch(0, 8), start = network.Encoder.call(images);

        IReadOnlyList<Tensor> codes = new Projection(network.Decoder, steps: 10, stepSize: 0.01).Descend(start, images);

        Tensor[] errors = [.. codes.Select(code => (network.Decoder.call(code) - images).square().sum([1, 2, 3]))];
        Assert.Equal(11, errors.Length);
        Assert.All(errors.Zip(errors.Skip(1)), pair => Assert.True((pair.Second < pair.First).all().item<bool>()));
    }

    [Fact]
    public void Projection_lowers_the_score_of_normal_images_and_the_score_is_positive()
    {
        using DisposeScope scope = NewDisposeScope();
        ITrainedDetector detector = trained["apae"];
        Tensor normals = trained.Test.Batch(0, 12);

        Tensor projected = detector.Score(normals), plain = detector.Surrogates.Single(surrogate => surrogate.Name.Contains("without", StringComparison.Ordinal)).Score(normals);

        Assert.True((projected > 0).all().item<bool>());
        Assert.True(projected.mean().item<double>() < plain.mean().item<double>());
    }

    [Fact]
    public void With_no_steps_it_is_a_plain_autoencoder()
    {
        using DisposeScope scope = NewDisposeScope();
        using ITrainedDetector detector = DetectionMethods.Train(Tiny with { ProjectionSteps = 0, Epochs = 1 }, trained.Train);
        Tensor images = trained.Test.Batch(0, 4).requires_grad_();

        Assert.Equal("APAE, without projection", detector.Name);
        Assert.All(detector.Surrogates, surrogate => TensorAssert.Close(detector.Score(images), surrogate.Score(images), 1e-6));
    }

    [Fact]
    public void Scores_in_both_precisions_agree()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        ITrainedDetector detector = trained["apae"];
        Tensor images = trained.Test.Batch(0, 24);

        Tensor exact = detector.Score(images.to(ScalarType.Float64));

        TensorAssert.Close(ones_like(exact), detector.Score(images) / exact, 1e-3);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(21)]
    public void Any_size_that_survives_the_halvings_is_accepted(int side)
    {
        using ImageSet images = SmallTraining.Images(side: side);

        using ITrainedDetector detector = DetectionMethods.Train(Tiny with { Epochs = 1 }, images);

        Assert.All(detector.ScoreAll(images), score => Assert.True(double.IsFinite(score)));
    }

    [Fact]
    public void Images_too_small_for_the_network_are_refused()
    {
        using ImageSet images = SmallTraining.Images(side: 4);

        Assert.Throws<ArgumentException>(() => DetectionMethods.Train(new ApaeOptions(), images));
    }

    [Fact]
    public void Options_outside_their_range_are_refused_by_name()
    {
        (string Name, ApaeOptions Options)[] cases =
        [
            ("Channels", Tiny with { Channels = [] }),
            ("CodeSize", Tiny with { CodeSize = 0 }),
            ("ProjectionSteps", Tiny with { ProjectionSteps = -1 }),
            ("ProjectionRate", Tiny with { ProjectionRate = 2.5 }),
            ("Epochs", Tiny with { Epochs = 0 }),
            ("BatchSize", Tiny with { BatchSize = 0 }),
            ("LearningRate", Tiny with { LearningRate = double.NaN }),
        ];

        Assert.All(cases, item => Assert.Equal(item.Name, Assert.Throws<ArgumentOutOfRangeException>(item.Options.Validate).ParamName));
    }

    /// <summary>Two normal and two anomalous images in float64, moved off the borders of [0, 1].</summary>
    private Tensor Images(double noise, Generator rng) =>
        trained.Test.Batch([0, 1, 12, 13]).to(ScalarType.Float64) * 0.9 + 0.05 + noise * randn([4, 3, 32, 32], ScalarType.Float64, generator: rng);

    private static Tensor Gradient(Tensor images, Func<Tensor, Tensor> score)
    {
        Tensor leaf = images.detach().requires_grad_();
        autograd.backward([score(leaf).sum()], inputs: [leaf]);
        return leaf.grad!;
    }

    /// <summary>Derivatives along ten directions of ±1, each image by itself: by central differences, and as the gradient has them.</summary>
    private List<(double Difference, double Autograd)> Slopes(Tensor images, Tensor gradient, Generator rng)
    {
        const double Step = 1e-5;
        using IDisposable frozen = no_grad();
        List<(double, double)> slopes = [];
        for (int i = 0; i < 10; i++)
        {
            Tensor direction = rand(images.shape, generator: rng).ge(0.5).to(ScalarType.Float64) * 2 - 1;
            Tensor difference = (trained["apae"].Score(images + Step * direction) - trained["apae"].Score(images - Step * direction)) / (2 * Step);
            slopes.AddRange(difference.data<double>().ToArray().Zip((gradient * direction).sum([1, 2, 3]).data<double>().ToArray()));
        }

        return slopes;
    }
}
