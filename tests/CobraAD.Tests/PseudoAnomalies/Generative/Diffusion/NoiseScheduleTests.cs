using CobraAD.PseudoAnomalies.Generative.Diffusion;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Generative.Diffusion;

public sealed class NoiseScheduleTests
{
    public static TheoryData<NoiseScheduleKind, int> Schedules => new()
    {
        { NoiseScheduleKind.Cosine, 1000 }, { NoiseScheduleKind.Linear, 1000 }, { NoiseScheduleKind.Cosine, 50 }, { NoiseScheduleKind.Linear, 50 },
    };

    [Theory]
    [MemberData(nameof(Schedules))]
    public void The_image_fades_from_whole_to_nothing(NoiseScheduleKind kind, int steps)
    {
        NoiseSchedule schedule = new(kind, steps);

        Assert.Equal(1, schedule.AlphaBar(0));
        Assert.All(Enumerable.Range(1, steps), t => Assert.InRange(schedule.AlphaBar(t), 0.001 * schedule.AlphaBar(t - 1) * 0.999, schedule.AlphaBar(t - 1) * (1 - 1e-6)));
        Assert.InRange(schedule.AlphaBar(steps), 1e-12, 1e-4);
    }

    [Fact]
    public void The_straight_line_ends_where_the_original_does()
    {
        // Π (1 - β_t) for β from 1e-4 to 0.02 in 1000 steps, by exact arithmetic elsewhere.
        double product = Enumerable.Range(0, 1000).Aggregate(1.0, (before, i) => before * (1 - (1e-4 + i * (0.02 - 1e-4) / 999)));

        Assert.Equal(product, new NoiseSchedule(NoiseScheduleKind.Linear, 1000).AlphaBar(1000), 1e-12);
        Assert.Equal(4.0358e-5, product, 1e-9);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(900)]
    public void The_cosine_is_the_published_curve_until_the_bound_of_beta_acts(int t)
    {
        double Curve(double step) => Math.Pow(Math.Cos((step / 1000 + 0.008) / 1.008 * Math.PI / 2), 2);

        Assert.Equal(Curve(t) / Curve(0), new NoiseSchedule(NoiseScheduleKind.Cosine, 1000).AlphaBar(t), 1e-12);
    }

    [Fact]
    public void A_noisy_image_has_the_mean_and_the_variance_that_its_step_gives_it()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("noise");
        NoiseSchedule schedule = new(NoiseScheduleKind.Cosine, 1000);
        Tensor clean = full([2, 200_000], 0.5, float64), noise = randn(clean.shape, dtype: float64, generator: rng);

        Tensor noisy = schedule.Noisy(clean, tensor(new long[] { 100, 700 }), noise);

        foreach ((int row, int t) in (ReadOnlySpan<(int, int)>)[(0, 100), (1, 700)])
        {
            Assert.Equal(0.5 * Math.Sqrt(schedule.AlphaBar(t)), noisy[row].mean().item<double>(), 0.01);
            Assert.Equal(1 - schedule.AlphaBar(t), noisy[row].var().item<double>(), 0.01);
        }
    }

    [Fact]
    public void At_step_0_the_image_is_itself()
    {
        using var scope = NewDisposeScope();
        Tensor clean = TestImages.Uniform(3, 8);

        TensorAssert.SameBits(clean, new NoiseSchedule(NoiseScheduleKind.Linear, 10).Noisy(clean, zeros(3, int64), ones_like(clean)));
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Told_the_true_noise_DDIM_recovers_the_image(NoiseScheduleKind kind, int noiseSteps)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("noise");
        NoiseSchedule schedule = new(kind, noiseSteps);
        Tensor clean = TestImages.Uniform(4, 8, float64) * 1.8 - 0.9, noise = randn(clean.shape, dtype: float64, generator: rng);
        Tensor start = schedule.Noisy(clean, full([4], noiseSteps, int64), noise);
        List<int> visited = [];

        Tensor found = Ddim.Sample(
            (_, t) =>
            {
                visited.Add(t);
                return noise;
            },
            start, schedule, 50);

        TensorAssert.Close(clean, found, 1e-9);
        Assert.Equal(50, visited.Count);
        Assert.Equal(noiseSteps, visited[0]);
        Assert.Equal(noiseSteps / 50, visited[^1]);
    }

    [Fact]
    public void DDIM_never_leaves_the_range_of_images_whatever_it_is_told()
    {
        using var scope = NewDisposeScope();
        NoiseSchedule schedule = new(NoiseScheduleKind.Cosine, 100);

        Tensor found = Ddim.Sample((x, _) => x * -3 + 1, TestImages.Uniform(2, 8), schedule, 10);

        Assert.InRange(found.abs().max().item<float>(), 0, 1);
    }
}
