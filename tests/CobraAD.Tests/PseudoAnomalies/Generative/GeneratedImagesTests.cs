using CobraAD.Datasets;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Generative;
using CobraAD.PseudoAnomalies.Generative.Diffusion;
using CobraAD.PseudoAnomalies.Generative.Gan;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Generative;

public sealed class GeneratedImagesTests
{
    private static readonly PseudoAnomalyOptions Tiny = new()
    {
        Gan = new GanOptions { Width = 4, LatentSize = 8, TrainingSteps = 3, BatchSize = 8, Images = 70 },
        Diffusion = new DiffusionOptions
        {
            Width = 4,
            TrainingSteps = 4,
            BatchSize = 4,
            CheckEvery = 2,
            CheckImages = 8,
            CheckSamplingSteps = 2,
            SamplingSteps = 3,
            Images = 70,
        },
    };

    public static TheoryData<string, int, int> SourcesAndSizes => new()
    {
        { "goe-small", 28, 28 }, { "goe-small", 32, 32 }, { "goe-small", 64, 64 }, { "goe-small", 30, 18 }, { "goe-small", 96, 64 },
        { "fitymi-small", 28, 28 }, { "fitymi-small", 32, 32 }, { "fitymi-small", 64, 64 }, { "fitymi-small", 30, 18 }, { "fitymi-small", 96, 64 },
    };

    public static TheoryData<string> Sources => ["goe-small", "fitymi-small"];

    [Theory]
    [MemberData(nameof(SourcesAndSizes))]
    public void Images_of_any_size_get_partners_of_their_size(string name, int height, int width)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("craft");
        using ImageSet normals = Images(8, height, width);
        PseudoAnomalyOptions few = Tiny with { Gan = Tiny.Gan with { Images = 4 }, Diffusion = Tiny.Diffusion with { TrainingSteps = 2, CheckImages = 2, Images = 4 } };
        using PseudoAnomalySupply supply = PseudoAnomalySources.Build(name, null, normals, few, new RandomStreams(1), CPU);

        Tensor crafted = supply.Craft(normals.Batch(0, 6), rng)!;

        Assert.Equal([6, 3, height, width], crafted.shape);
        Assert.InRange(crafted.min().item<float>(), 0, 1);
        Assert.InRange(crafted.max().item<float>(), 0, 1);
        Assert.Equal(height == 96, supply.Name.Contains("made at 43 × 64 and enlarged", StringComparison.Ordinal));
        Assert.Equal(6, supply.Statistics.Images);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void The_seed_decides_the_images_to_the_bit(string name)
    {
        using var scope = NewDisposeScope();
        using ImageSet normals = Images(20, 16, 16);
        using PseudoAnomalySupply first = Build(name, normals), second = Build(name, normals), other = Build(name, normals, seed: 2);

        TensorAssert.SameBits(Pool(first), Pool(second));
        Assert.True(Pool(first).ne(Pool(other)).any().item<bool>());
        Assert.Equal([70, 3, 16, 16], Pool(first).shape);
        Assert.Equal(70, Distinct(Pool(first)));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_restored_supply_goes_on_with_the_same_images_without_training_again(string name)
    {
        using var scope = NewDisposeScope();
        using ImageSet normals = Images(20, 16, 16);
        using PseudoAnomalySupply supply = Build(name, normals);
        using Generator one = new RandomStreams(1).Create("craft"), two = new RandomStreams(1).Create("craft");
        supply.Craft(normals.Batch(0, 5), new RandomStreams(2).Create("before"));

        using PseudoAnomalyState state = supply.Export();
        using PseudoAnomalySupply restored = PseudoAnomalySources.Restore(name, null, normals, state, CPU);

        TensorAssert.SameBits(supply.Craft(normals.Batch(0, 5), one)!, restored.Craft(normals.Batch(0, 5), two)!);
        Assert.Equal(supply.Name, restored.Name);
        Assert.Equal(supply.Statistics, restored.Statistics);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Grey_images_get_grey_partners(string name)
    {
        using var scope = NewDisposeScope();
        using ImageSet normals = Images(20, 16, 16, isGrey: true);
        using PseudoAnomalySupply supply = Build(name, normals);

        Tensor pool = Pool(supply);

        Assert.True(pool.narrow(1, 1, 2).eq(pool.narrow(1, 0, 1)).all().item<bool>());
    }

    [Theory]
    [InlineData("goe-small", "GOE-small: 70 images by a DCGAN trained on the normal images for 3 steps, z ~ N(0, 2² I)")]
    [InlineData("fitymi-small", "FITYMI-small: 70 images by a DDPM trained on the normal images, stopped at step")]
    public void The_name_says_that_it_is_a_small_stand_in(string name, string expected)
    {
        using ImageSet normals = Images(20, 16, 16);
        using PseudoAnomalySupply supply = Build(name, normals);

        Assert.StartsWith(expected, supply.Name, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void The_preparation_reports_every_step_and_can_be_stopped(string name)
    {
        using ImageSet normals = Images(20, 16, 16);
        using CancellationTokenSource stop = new();
        List<PreparationProgress> reports = [];

        PseudoAnomalySources.Build(name, null, normals, Tiny, new RandomStreams(1), CPU, new Recorder(reports.Add)).Dispose();
        Assert.Throws<OperationCanceledException>(() => PseudoAnomalySources.Build(name, null, normals, Tiny, new RandomStreams(1), CPU, new Recorder(_ => stop.Cancel()), stop.Token));

        Assert.Equal(Enumerable.Range(1, reports.Count), reports.Select(report => (int)report.Done));
        Assert.All(reports, report => Assert.Equal(reports.Count, report.Total));
        Assert.True(double.IsFinite(reports[0].Loss!.Value));
    }

    [Theory]
    [InlineData("goe-small", "GAN")]
    [InlineData("fitymi-small", "diffusion")]
    public void A_diverging_training_stops_and_names_the_learning_rate(string name, string part)
    {
        using ImageSet normals = Images(20, 16, 16);
        PseudoAnomalyOptions explosive = Tiny with
        {
            Gan = Tiny.Gan with { LearningRate = 1e20 },
            Diffusion = Tiny.Diffusion with { LearningRate = 1e20 },
        };

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => PseudoAnomalySources.Build(name, null, normals, explosive, new RandomStreams(1), CPU));

        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains("LearningRate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_network_makes_is_cropped_to_the_images_and_refused_when_it_is_not_finite()
    {
        using var scope = NewDisposeScope();
        using ImageSet normals = Images(5, 10, 14, isGrey: true);
        using TrainingPixels pixels = new(normals, WorkingSize.For(10, 14, largestSide: 64, multiple: 8), CPU, CancellationToken.None);
        using Generator rng = new RandomStreams(1).Create("draw");

        Tensor padded = pixels.Batch(arange(5, int64));

        Assert.Equal([5, 1, 16, 16], padded.shape);
        TensorAssert.SameBits((normals.Batch(0, 5) * 255).to(ScalarType.Byte), pixels.ToBytes(padded));
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => pixels.ToBytes(padded * double.NaN));
        Assert.Contains("LearningRate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_are_too_small_are_refused_with_a_remedy()
    {
        using ImageSet normals = Images(20, 16, 4);

        ArgumentException refused = Assert.Throws<ArgumentException>(() => Build("goe-small", normals));

        Assert.Contains("4 × 16", refused.Message, StringComparison.Ordinal);
        Assert.Contains("another anomaly source", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inflated_latents_spread_the_images()
    {
        using var scope = NewDisposeScope();
        using ImageSet normals = Images(64, 16, 16);
        PseudoAnomalyOptions trained = Tiny with { Gan = Tiny.Gan with { TrainingSteps = 40 } };

        double Spread(double sigma)
        {
            using PseudoAnomalySupply supply = PseudoAnomalySources.Build("goe-small", null, normals, trained with { Gan = trained.Gan with { Sigma = sigma } }, new RandomStreams(1), CPU);
            return Pool(supply).to(float32).std(0).mean().item<float>();
        }

        Assert.True(Spread(3) > 1.2 * Spread(1));
    }

    [Fact]
    public void Without_a_multiple_the_last_step_is_sampled()
    {
        using ImageSet normals = Images(20, 16, 16);
        using PseudoAnomalySupply supply = PseudoAnomalySources.Build(
            "fitymi-small", null, normals, Tiny with { Diffusion = Tiny.Diffusion with { StopMultiple = null } }, new RandomStreams(1), CPU);

        Assert.Contains("stopped at step 4, 3 DDIM steps", supply.Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(0)]
    public void A_width_that_the_network_cannot_have_is_refused(int width)
    {
        Assert.Equal("Width", Assert.Throws<ArgumentOutOfRangeException>(() => new DiffusionOptions { Width = width }.Validate()).ParamName);
    }

    private static PseudoAnomalySupply Build(string name, ImageSet normals, long seed = 1) => PseudoAnomalySources.Build(name, null, normals, Tiny, new RandomStreams(seed), CPU);

    private static Tensor Pool(PseudoAnomalySupply supply)
    {
        using PseudoAnomalyState state = supply.Export();
        return state.Tensors["images"].alias();
    }

    private static int Distinct(Tensor pool) => Enumerable.Range(0, (int)pool.size(0)).Select(i => Convert.ToHexString(pool[i].contiguous().bytes)).Distinct().Count();

    /// <summary>Smooth noise.</summary>
    private static ImageSet Images(int count, int height, int width, bool isGrey = false)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new RandomStreams(5).Create("images");
        Tensor coarse = rand([count, isGrey ? 1 : 3, 4, 4], generator: rng).expand(-1, 3, -1, -1);
        Tensor pixels = nn.functional.interpolate(coarse, [height, width], mode: InterpolationMode.Bilinear, align_corners: false).mul(255).to(ScalarType.Byte);
        return new ImageSet("noise", pixels.contiguous(), [.. Enumerable.Range(0, count).Select(i => $"noise {i}")]);
    }

    private sealed class Recorder(Action<PreparationProgress> action) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => action(value);
    }
}
