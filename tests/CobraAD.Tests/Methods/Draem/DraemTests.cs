using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Draem;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Draem;

public sealed class DraemTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    [Theory]
    [InlineData(256, 256, 21)]
    [InlineData(224, 300, 19)]
    [InlineData(32, 32, 3)]
    [InlineData(8, 8, 1)]
    public void The_window_is_odd_and_grows_with_the_image(int height, int width, int expected) => Assert.Equal(expected, DraemDetector.WindowAt(21, height, width));

    [Theory]
    [InlineData(0, 1e-4)]
    [InlineData(559, 1e-4)]
    [InlineData(560, 2e-5)]
    [InlineData(630, 4e-6)]
    public void The_learning_rate_falls_twice_by_a_factor_of_five(int epoch, double expected) => Assert.Equal(expected, DraemMethod.RateAt(new DraemOptions(), epoch), 1e-12);

    [Fact]
    [Trait("Category", "Slow")]
    public void At_full_width_it_has_the_weights_of_the_published_networks()
    {
        using Generator rng = new(1, CPU);
        using DraemNetwork network = new(new DraemOptions(), 256, 256, rng);

        long own = network.parameters().Sum(parameter => parameter.numel());

        // The original has 97,422,725: its convolutions also have biases, which the normalisations behind them undo, one for each of 17,792 channels.
        Assert.Equal(97_422_725 - 17_792, own);
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(24, 36)]
    public void Images_of_any_size_keep_it(int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        using DraemNetwork network = new(new DraemOptions { ReconstructionWidth = 2, SegmentationWidth = 2 }, height, width, rng);
        Tensor images = rand([2, 3, height, width], generator: rng);

        Tensor reconstructed = network.Reconstruct(images);

        Assert.Equal([2, 3, height, width], reconstructed.shape);
        Assert.Equal([2, 2, height, width], network.Segment(images, reconstructed).shape);
    }

    [Fact]
    public void The_score_is_the_largest_mean_of_the_map_over_a_window()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = trained.Test.Batch(0, 3);

        float[] map = ((IAnomalyMap)trained["draem"]).HeatMap(images).flatten().data<float>().ToArray();
        double[] scores = trained["draem"].Score(images).data<double>().ToArray();

        for (int image = 0; image < 3; image++)
        {
            double largest = 0;
            for (int row = 0; row < 32; row++)
                for (int column = 0; column < 32; column++)
                {
                    double sum = 0;
                    for (int r = Math.Max(0, row - 1); r <= Math.Min(31, row + 1); r++)
                        for (int c = Math.Max(0, column - 1); c <= Math.Min(31, column + 1); c++) sum += map[(image * 32 + r) * 32 + c];
                    largest = Math.Max(largest, sum / 9);
                }

            Assert.Equal(largest, scores[image], 1e-6);
        }
    }

    [Fact]
    public void The_reconstruction_is_in_the_gradient_of_the_score()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(3, CPU);
        using DraemNetwork network = new(new DraemOptions { ReconstructionWidth = 2, SegmentationWidth = 2 }, 16, 16, rng);
        network.to(float64).eval();
        Tensor images = TestImages.Uniform(1, 16, ScalarType.Float64), direction = TestImages.Uniform(1, 16, ScalarType.Float64, seed: 9) - 0.5, leaf = images.clone().requires_grad_();

        autograd.backward([Odds(leaf)], inputs: [leaf]);

        using IDisposable noGradient = no_grad();
        const double Step = 1e-6;
        double measured = (Odds(images + Step * direction) - Odds(images - Step * direction)).item<double>() / (2 * Step);
        Assert.NotEqual(0, measured);
        Assert.Equal(measured, (leaf.grad! * direction).sum().item<double>(), 1e-5 * Math.Abs(measured) + 1e-12);

        Tensor Odds(Tensor x) => network.Segment(x, network.Reconstruct(x)).diff(1, 1).sum();
    }

    [Fact]
    public void A_folder_of_textures_is_used_and_named()
    {
        using TemporaryFolder folder = new();
        string textures = folder.File("bark");
        Directory.CreateDirectory(textures);
        foreach (string file in Directory.EnumerateFiles(System.IO.Path.Combine(Compatibility.OldFiles.Path("parts"), "test"), "*.png", SearchOption.AllDirectories).Take(3))
            File.Copy(file, System.IO.Path.Combine(textures, System.IO.Path.GetRandomFileName() + ".png"));
        using ImageSet few = trained.Train.Subset([.. Enumerable.Range(0, 16)]);

        using ITrainedDetector detector = DetectionMethods.Train((DraemOptions)TrainedMethods.TinyOptions("draem") with { Textures = textures, Epochs = 1 }, few);

        Assert.Equal("DRAEM (textures of bark)", detector.Name);
        Assert.Equal("DRAEM (procedural textures)", trained["draem"].Name);
    }

    [Theory]
    [InlineData(true, "holds no images")]
    [InlineData(false, "does not exist")]
    public void A_folder_without_textures_is_refused(bool exists, string reason)
    {
        using TemporaryFolder folder = new();
        string textures = folder.File("textures");
        if (exists) Directory.CreateDirectory(textures);

        DatasetException error = Assert.Throws<DatasetException>(() => DetectionMethods.Train((DraemOptions)TrainedMethods.TinyOptions("draem") with { Textures = textures }, trained.Train));

        Assert.Contains($"The folder of textures '{textures}' {reason}", error.Message, StringComparison.Ordinal);
    }
}
