using CobraAD.Optimization;
using CobraAD.PseudoAnomalies.Generative.Diffusion;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Generative.Diffusion;

public sealed class UNetTests
{
    [Theory]
    [InlineData(1, 28, 28, 8)]
    [InlineData(3, 32, 32, 8)]
    [InlineData(3, 64, 64, 4)]
    [InlineData(1, 12, 20, 4)]
    public void The_noise_has_the_shape_of_the_image(int channels, int height, int width, int baseWidth)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("weights");
        using UNet network = new(channels, baseWidth, rng);

        Tensor found = network.call(zeros(2, channels, height, width), tensor(new float[] { 1, 999 }));

        Assert.Equal([2, channels, height, width], found.shape);
    }

    [Fact]
    public void At_the_published_width_it_has_the_parameters_of_its_layers()
    {
        using Generator rng = new RandomStreams(1).Create("weights");
        using UNet network = new(3, 64, rng);

        long all = network.parameters().Sum(parameter => parameter.numel());

        Assert.Equal(ExpectedParameters(3, 64), all);
    }

    [Fact]
    public void The_same_generator_gives_the_same_weights()
    {
        using var scope = NewDisposeScope();
        using Generator one = new RandomStreams(1).Create("weights"), two = new RandomStreams(1).Create("weights");
        using UNet first = new(1, 8, one), second = new(1, 8, two);

        Assert.Equal(SmallTraining.Weights(first), SmallTraining.Weights(second));
    }

    [Fact]
    public void It_learns_the_noise_of_a_handful_of_images_and_every_part_of_it_takes_part()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new RandomStreams(1).Create("weights");
        using UNet network = new(1, 4, rng);
        Dictionary<string, Tensor> before = network.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.detach().clone());
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "adam", WeightDecay = 0 }, network.named_parameters());
        optimizer.LearningRate = 5e-3;
        NoiseSchedule schedule = new(NoiseScheduleKind.Cosine, 1000);
        Tensor images = TestImages.Uniform(4, 4).narrow(1, 0, 1);
        images = nn.functional.interpolate(images, [8, 8]) * 2 - 1;

        List<double> losses = [];
        for (int step = 0; step < 120; step++)
        {
            using var stepScope = NewDisposeScope();
            Tensor t = randint(1, 1001, [16], int64, generator: rng), noise = randn([16, 1, 8, 8], generator: rng);
            Tensor loss = (network.call(schedule.Noisy(images.repeat(4, 1, 1, 1), t, noise), t.to(float32)) - noise).square().mean();
            optimizer.ZeroGradients();
            loss.backward();
            optimizer.Step();
            losses.Add(loss.item<float>());
        }

        // A network that says 0 has the loss 1, the variance of the noise.
        Assert.InRange(losses[0], 0.8, 1.2);
        Assert.InRange(losses.TakeLast(20).Average(), 0, 0.5);
        Assert.All(network.named_parameters(), entry => Assert.True(entry.parameter.ne(before[entry.name]).any().item<bool>(), $"{entry.name} never moved."));
    }

    /// <summary>Counted from the description: 1-2-2, two blocks down, two in the middle, three up, attention after each coarsest block.</summary>
    private static long ExpectedParameters(long channels, long w)
    {
        long time = 4 * w;
        long Convolution(long from, long to, long kernel) => from * to * kernel * kernel + to;
        long Block(long from, long to) => 2 * from + Convolution(from, to, 3) + time * to + to + 2 * to + Convolution(to, to, 3) + (from == to ? 0 : Convolution(from, to, 1));
        long Attention(long size) => 2 * size + Convolution(size, 3 * size, 1) + Convolution(size, size, 1);
        long down = Block(w, w) + Block(w, w) + Convolution(w, w, 3) + Block(w, 2 * w) + Block(2 * w, 2 * w) + Convolution(2 * w, 2 * w, 3) + 2 * (Block(2 * w, 2 * w) + Attention(2 * w));
        long middle = 2 * Block(2 * w, 2 * w) + Attention(2 * w);
        long up = 3 * (Block(4 * w, 2 * w) + Attention(2 * w)) + Convolution(2 * w, 2 * w, 3)
            + 2 * Block(4 * w, 2 * w) + Block(3 * w, 2 * w) + Convolution(2 * w, 2 * w, 3) + Block(3 * w, w) + 2 * Block(2 * w, w);
        return w * time + time + time * time + time + Convolution(channels, w, 3) + down + middle + up + 2 * w + Convolution(w, channels, 3);
    }
}
