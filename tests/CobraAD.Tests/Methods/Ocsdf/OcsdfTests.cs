using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods;
using CobraAD.Methods.Ocsdf;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Ocsdf;

public sealed class OcsdfTests : IDisposable
{
    private static readonly OcsdfOptions Small = new()
    {
        Widths = [4, 8],
        Depths = [2, 1],
        NegativeSteps = 2,
        NegativeRate = 2,
        WarmUpEpochs = 1,
        Epochs = 2,
        BatchSize = 8,
        LearningRate = 1e-2,
        Margin = 0.02,
    };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ImageSet images = SmallTraining.Images();
    private readonly OcsdfDetector detector;

    public OcsdfTests() => detector = (OcsdfDetector)DetectionMethods.Train(Small, images);

    public void Dispose()
    {
        detector.Dispose();
        images.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void The_constant_is_that_of_the_input_s_scaling() => Assert.Equal(2, detector.LipschitzConstant, 1e-4);

    [Fact]
    public void The_gradient_is_nowhere_longer_than_the_constant()
    {
        Tensor points = cat([TestImages.Uniform(32, 16), images.Batch(0, 28), ones([1, 3, 16, 16]), zeros([1, 3, 16, 16])]).requires_grad_();

        autograd.backward([detector.Score(points).sum()], inputs: [points]);

        Assert.InRange(points.grad!.flatten(1).norm(1).max().item<float>(), 0.2, detector.LipschitzConstant + 1e-5);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1.0)]
    public void No_attack_moves_a_score_further_than_the_certificate(double epsilon)
    {
        bool[] isAnomalous = [.. Enumerable.Range(0, 12).Select(i => i >= 6)];
        RobustnessEvaluator evaluator = new(detector, new ThreatModel(Norm.L2, epsilon), [new Pgd { Steps = 20, Restarts = 1 }]);

        using RobustnessResult result = evaluator.Evaluate(new EvaluationSet(images.Batch(0, 12), isAnomalous));

        double[] moved = [.. result.Union.Scores.Zip(result.Clean.Scores, (after, before) => Math.Abs(after - before))];
        Assert.All(moved, distance => Assert.True(distance <= detector.LipschitzConstant * epsilon + 1e-5));
        Assert.True(moved.Max() > 0.2 * detector.LipschitzConstant * epsilon);
    }

    [Fact]
    public void Single_and_double_precision_agree()
    {
        Tensor points = TestImages.Uniform(4, 16);

        TensorAssert.Close(detector.Score(points.to(ScalarType.Float64)), detector.Score(points), 1e-4);
        Assert.Equal(ScalarType.Float64, detector.Score(points).dtype);
    }

    [Fact]
    public void A_file_whose_layer_stopped_being_one_lipschitz_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("model.cobra"), changed = folder.File("changed.cobra");
        detector.Save(path);
        using (ModelArchive archive = ModelArchive.Read(path))
        {
            using (no_grad()) archive.Groups["network"]["conv2.weight"].mul_(1.01);
            ModelArchive.Write(changed, archive.Manifest, archive.Groups);
        }

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => DetectionMethods.Load(changed));

        Assert.Contains("changed.cobra: The layer 'conv2' is not 1-Lipschitz", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_puts_good_images_above_random_ones()
    {
        using ITrainedDetector trained = DetectionMethods.Train(Small with { Epochs = 12 }, images);

        double good = trained.Score(images.Batch(0, 28)).mean().item<double>(), random = trained.Score(TestImages.Uniform(28, 16)).mean().item<double>();

        Assert.True(good < random, $"good {good}, random {random}");
    }

    [Fact]
    public void The_loss_is_the_hinge_and_the_distance_of_the_means()
    {
        Tensor loss = HingeLoss.Value(tensor([0.5, 3.0]), tensor([-0.25, -4.0]), margin: 1, weight: 10);

        // Hinges 0.5, 0 and 0.75, 0; means 1.75 and -2.125 over λ.
        Assert.Equal(0.25 - 0.175 + 0.375 - 0.2125, loss.item<double>(), 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void On_a_plane_each_newton_step_goes_its_share_of_the_way(int steps)
    {
        Tensor normal = full([3, 16, 16], 0.01f), like = zeros([6, 3, 16, 16]);
        using Generator rng = new RandomStreams(3).Create("plane"), again = new RandomStreams(3).Create("plane");
        NegativeSampling sampling = new(Small with { NegativeSteps = Math.Max(1, steps), NegativeRate = 1, NegativesOnlyRise = false });

        Tensor found = sampling.Draw(Plane, like, level: 3.85, steps, rng);

        Tensor start = rand(like.shape, generator: again), share = rand([6, 1, 1, 1], generator: again).flatten();
        Tensor left = (1 - share / Math.Max(1, steps)).pow(steps);
        // Few of the numbers are clipped.
        TensorAssert.Close(3.85 + (Plane(start) - 3.85) * left, Plane(found), 1e-3);

        Tensor Plane(Tensor points) => (points * normal).sum([1, 2, 3]);
    }

    [Fact]
    public void Where_negatives_only_rise_those_above_the_level_stay()
    {
        using Generator rng = new RandomStreams(3).Create("plane"), again = new RandomStreams(3).Create("plane");

        Tensor found = new NegativeSampling(Small with { NegativesOnlyRise = true }).Draw(points => points.sum([1, 2, 3]), zeros([6, 3, 4, 4]), level: -1, steps: 3, rng);

        TensorAssert.SameBits(rand([6, 3, 4, 4], generator: again), found);
    }

    [Theory]
    [InlineData(true, 15, 8)]
    [InlineData(false, 15, 8 * 8 * 8)]
    [InlineData(false, 16, 8 * 8 * 8)]
    public void The_last_unit_sees_the_channels_or_the_whole_map(bool pools, int side, int size)
    {
        OcsdfOptions options = Small with { PoolsGlobally = pools };
        using Generator rng = new RandomStreams(1).Create("weights");
        using OrthogonalNetwork network = new(options, side, side, rng);
        using LipschitzNetwork finished = network.Finish();
        Tensor points = TestImages.Uniform(3, side);

        Assert.Equal([3, size], finished.Features(points).shape);
        TensorAssert.Close(network.Function()(points), finished.call(points), 1e-4);
    }

    [Theory]
    [InlineData("widths", "even widths")]
    [InlineData("depths", "for each of the Widths")]
    [InlineData("margin", "above 0")]
    public void Options_that_make_no_network_are_refused(string what, string reason)
    {
        OcsdfOptions options = what switch { "widths" => Small with { Widths = [5, 8] }, "depths" => Small with { Depths = [1] }, _ => Small with { Margin = 0 } };

        Assert.Contains(reason, Assert.ThrowsAny<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }
}
