using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Training;

namespace CobraAD.Tests.Methods.Cobra;

/// <summary>Trainings that fit into a time.</summary>
public sealed class CobraTimeTests : IDisposable
{
    private readonly ImageSet images = SmallTraining.Images();

    public void Dispose() => images.Dispose();

    [Fact]
    public void More_time_gives_more_updates_of_the_same_training()
    {
        CobraOptions hour = CobraTime.Fit(SmallTraining.Options, images, TimeSpan.FromHours(1)), day = CobraTime.Fit(SmallTraining.Options, images, TimeSpan.FromHours(24));

        Assert.Equal(SmallTraining.Options.Network.Encoder, hour.Network.Encoder);
        Assert.Equal(SmallTraining.Options.Attack, hour.Attack);
        Assert.True(hour.Epochs * hour.ItemsPerEpoch >= 96 * hour.BatchSize);
        // Half a day's speed is never the same: only the order of magnitude is.
        Assert.InRange((double)day.ItemsPerEpoch / hour.ItemsPerEpoch, 3, 24 * 8);
        hour.Validate();
    }

    [Fact]
    public void Time_for_more_than_enough_updates_is_taken_for_encoders_side_by_side_unless_their_number_is_given()
    {
        CobraOptions two = SmallTraining.Options with { Network = SmallTraining.Options.Network with { Members = 2 } };

        CobraOptions free = CobraTime.Fit(SmallTraining.Options, images, TimeSpan.FromHours(1)), given = CobraTime.Fit(two, images, TimeSpan.FromHours(1));
        Assert.Equal(4, free.Network.Members);
        Assert.Equal(2, given.Network.Members);
    }

    [Theory]
    [InlineData(500, 150, 300, 4, 0.25, 150)]
    [InlineData(500, 111, 300, 4, 0.125, 300)]
    [InlineData(223, 150, 120, 4, 0.125, 120)]
    [InlineData(130, 40, 111, null, 0.25, 130)]
    [InlineData(112, 150, 150, null, 0.25, 112)]
    public void Encoders_side_by_side_are_of_half_the_width_where_the_whole_width_leaves_too_few_updates(int one, int wide, int thin, int? members, double width, int updates)
    {
        CobraOptions recipe = CobraPresets.Tiny(32);

        (CobraOptions found, int taken) = CobraTime.SideBySide(recipe, one, several => several.Network.Encoder.WidthFactor == recipe.Network.Encoder.WidthFactor ? wide : thin);

        Assert.Equal((members, width, updates), (found.Network.Members, found.Network.Encoder.WidthFactor, taken));
    }

    [Fact]
    public void Numbers_are_rounded_only_where_that_is_allowed()
    {
        CobraOptions exact = CobraTime.Fit(SmallTraining.Options, images, TimeSpan.FromHours(1), mayRound: false);
        CobraOptions asked = CobraTime.Fit(SmallTraining.Options with { Precision = TrainingPrecision.BFloat16 }, images, TimeSpan.FromHours(1), mayRound: false);

        Assert.Equal(TrainingPrecision.Full, exact.Precision);
        Assert.Equal(TrainingPrecision.BFloat16, asked.Precision);
    }

    [Fact]
    public void Updates_are_those_that_fit_but_for_a_few()
    {
        CobraOptions planned = CobraTime.Fit(SmallTraining.Options with { BatchSize = 8 }, images, TimeSpan.FromHours(1));

        Assert.True(planned.Epochs is >= 16 and < 32);
        Assert.Equal(planned.Epochs / 8.0, planned.LearningRate.WarmUpEpochs);
    }

    [Fact]
    public void Weights_to_begin_with_keep_their_width_and_too_little_time_for_it_is_said()
    {
        CobraOptions packaged = SmallTraining.Options with
        {
            Init = PackagedWeights.ImageNet,
            Network = new CobraNetworkOptions { Encoder = BackboneOptions.Packaged.Network },
        };

        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => CobraTime.Fit(packaged, images, TimeSpan.FromMilliseconds(50)));

        Assert.Contains("takes about 00:00:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_little_time_says_how_much_would_do()
    {
        CobraOptions slow = SmallTraining.Options with { Network = SmallTraining.Options.Network with { Encoder = new ResNetOptions { WidthFactor = 0.25 } } };

        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => CobraTime.Fit(slow, images, TimeSpan.FromMilliseconds(50)));

        Assert.Contains("takes about 00:00:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Timing_leaves_no_tensor_behind()
    {
        CobraTime.Fit(SmallTraining.Options, images, TimeSpan.FromHours(1));
        long before = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        CobraTime.Fit(SmallTraining.Options, images, TimeSpan.FromHours(1));

        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }
}
