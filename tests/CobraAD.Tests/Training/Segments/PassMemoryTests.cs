using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Torch;
using CobraAD.Training.Segments;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Segments;

/// <summary>The option that saves the memory of a training, and the estimate behind it.</summary>
public sealed class PassMemoryTests
{
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public void A_training_in_parts_is_the_training_without_a_limit(bool attacked, int replays)
    {
        using DisposeScope scope = NewDisposeScope();
        using ImageSet images = SmallTraining.Images();
        CobraOptions options = SmallTraining.Options with
        {
            Epochs = 1,
            Attack = attacked ? SmallTraining.Options.Attack! with { Replays = replays } : null,
            Optimizer = new OptimizerOptions { Name = "sgd" },
        };
        using Generator rng = new RandomStreams(options.Seed).Create("weights");
        using CobraNetwork fresh = new(options.Network, rng);

        using CobraDetector free = new CobraTrainer(options).Train(images);
        using CobraDetector narrow = new CobraTrainer(options with { MemoryLimit = 16L << 20 }).Train(images);

        Assert.Equal(2, PassMemory.RowsWithin(16L << 20, fresh.Encoder, images, options.BatchSize));
        // The attack steps by signs. Rounding turns that of a gradient near 0 round, on some processors, and the training goes on from there.
        double tolerance = attacked ? 0.05 : 1e-5;
        Assert.Equal(free.Card.Health.Epochs[0].Loss, narrow.Card.Health.Epochs[0].Loss, tolerance);
        Assert.InRange(Distance(free.Network, narrow.Network), 0, tolerance * Distance(fresh, free.Network));

        static double Distance(CobraNetwork from, CobraNetwork to) => Math.Sqrt(from.named_parameters()
            .Zip(to.named_parameters(), (one, other) => (one.parameter.detach() - other.parameter.detach()).to(float64).square().sum().item<double>()).Sum());
    }

    [Fact]
    public void What_a_memory_limit_leaves_for_maps_is_without_program_and_images()
    {
        using ImageSet images = SmallTraining.Images(side: 64);
        using Generator rng = new RandomStreams(1).Create("weights");
        using CobraNetwork network = new(SmallTraining.Options.Network, rng);

        int Rows(long bytes, int batchSize) => PassMemory.RowsWithin(bytes, network.Encoder, images, batchSize);
        long row = 12 * network.Encoder.MapValues(64, 64), ofANormalImage = 14 * 4 * 3 * 64 * 64;

        Assert.Equal(Rows(4L << 30, 64) + 10, Rows((4L << 30) + 10 * row, 64));
        Assert.Equal(Rows(4L << 30, 64), Rows((4L << 30) + 100 * ofANormalImage, 164));
        Assert.Equal(2, Rows(512L << 20, 64));
    }

    [Theory]
    [InlineData(ResNetStem.Cifar, 32, 6 * 64 * 32 * 32)]
    [InlineData(ResNetStem.ImageNet, 224, 6 * 64 * 56 * 56)]
    public void A_step_in_parts_keeps_most_in_the_first_stage(ResNetStem stem, int side, long expected)
    {
        using Generator rng = new RandomStreams(1).Create("weights");
        using ResNet encoder = new(new ResNetOptions { Stem = stem }, rng);

        // The inputs of both blocks, the gradient of the output, and two convolutions with the activations between them.
        Assert.Equal(expected, PassMemory.Kept(encoder.SegmentSizes(side, side)));
    }

    [Fact]
    public void A_limit_that_bites_leaves_room_for_what_all_rows_keep()
    {
        using ImageSet images = SmallTraining.Images(side: 64);
        using Generator rng = new RandomStreams(1).Create("weights");
        using ResNet encoder = new(new ResNetOptions(), rng);
        const int batchSize = 100, rowsAtOnce = 20, side = 64;
        const long map = 64 * side * side, kept = 6 * map * 6 * batchSize, part = 12 * map * rowsAtOnce;
        const long limit = (512L << 20) + 28 * 3 * side * side + 4 * (14 * 3 * side * side * batchSize + kept + part);

        Assert.Equal(rowsAtOnce, PassMemory.RowsWithin(limit, encoder, images, batchSize));
        Assert.Equal(rowsAtOnce - 1, PassMemory.RowsWithin(limit - 4, encoder, images, batchSize));
    }

    [Theory]
    [InlineData(ResNetStem.Cifar, 32, 64 * 32 * 32 * 5 + (128 * 16 * 16 + 256 * 8 * 8 + 512 * 4 * 4) * 5)]
    [InlineData(ResNetStem.ImageNet, 224, 64 * 112 * 112 + 64 * 56 * 56 * 4 + (128 * 28 * 28 + 256 * 14 * 14 + 512 * 7 * 7) * 5)]
    public void The_maps_of_a_pass_are_counted(ResNetStem stem, int side, long expected)
    {
        using Generator rng = new RandomStreams(1).Create("weights");
        using ResNet encoder = new(new ResNetOptions { Stem = stem }, rng);

        Assert.Equal(expected, encoder.MapValues(side, side));
    }
}
