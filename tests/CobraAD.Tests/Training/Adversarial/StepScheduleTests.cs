using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Training.Adversarial;
using TorchSharp;

namespace CobraAD.Tests.Training.Adversarial;

/// <summary>How many steps the training attack takes in which epoch, and what a training says of its strength.</summary>
public sealed class StepScheduleTests
{
    [Theory]
    [InlineData(null, new[] { 10, 10, 10, 10, 10 })]
    [InlineData(2, new[] { 2, 4, 6, 8, 10 })]
    [InlineData(10, new[] { 10, 10, 10, 10, 10 })]
    public void Steps_rise_evenly_from_the_first_epoch_to_the_last(int? first, int[] expected)
    {
        InnerMaximizationOptions options = new() { Steps = 10, FirstSteps = first };

        Assert.Equal(expected, Enumerable.Range(0, 5).Select(epoch => options.InEpoch(epoch, 5, []).Steps));
    }

    [Theory]
    [InlineData(10, 1, 0.25)]
    [InlineData(2, 1, 1.25)]
    [InlineData(1, 5, 0.5)]
    [InlineData(1, 1, 1.25)]
    public void All_steps_together_go_two_and_a_half_radii_and_a_single_one_half_of_that(int steps, int firstLayer, double share) =>
        Assert.Equal(share * 0.1, new InnerMaximizationOptions { Epsilon = 0.1, Steps = steps, FirstLayerSteps = firstLayer }.UsualStepSize, 1e-12);

    [Fact]
    public void A_single_step_from_a_random_start_does_not_end_in_a_corner()
    {
        InnerMaximizationOptions options = new InnerMaximizationOptions { Epsilon = 0.1, Steps = 10, FirstSteps = 1 }.InEpoch(0, 5, []);
        using torch.Generator rng = new(3, torch.CPU);
        using torch.Tensor images = torch.full([4, 3, 8, 8], 0.5);

        using torch.Tensor attacked = new InnerMaximization(options).Climb(images, x => x.flatten(1).sum(1), rng, measureEnd: false).Images;

        // Pixels that start below -ε/4, three eighths of them, do not reach it.
        double inCorner = (attacked - images).gt(0.0999).to(torch.ScalarType.Float64).mean().item<double>();
        Assert.InRange(inCorner, 0.55, 0.7);
    }

    [Fact]
    public void An_attack_says_in_a_few_words_how_it_goes()
    {
        InnerMaximizationOptions plain = new();

        string[] said = [.. new[] { plain, plain with { FirstSteps = 1 }, plain with { StopCrossed = true }, plain with { Steps = 5, FirstLayerSteps = 3 }, plain with { Replays = 4 } }.Select(attack => attack.Describe())];

        Assert.Equal(["PGD-10", "PGD-1 to PGD-10", "PGD-10, stopped where it crosses", "YOPO-5-3", "free-4"], said);
    }

    [Fact]
    public void A_weak_epoch_raises_the_alarm_for_all_later_ones()
    {
        InnerMaximizationOptions options = new() { Steps = 1, StepSize = 0.02, CheckSteps = 7, CheckShare = 0.5 };

        Assert.Equal(options, options.InEpoch(2, 5, [null, 0.9]));
        Assert.Equal(options with { Steps = 7, StepSize = null }, options.InEpoch(3, 5, [null, 0.4, 0.9]));
    }

    [Fact]
    public void After_an_alarm_the_attack_is_a_plain_one()
    {
        InnerMaximizationOptions plain = new() { Steps = 7, CheckSteps = 7 };

        Assert.Equal(plain, (plain with { Steps = 9, StepSize = 0.01, FirstLayerSteps = 3 }).InEpoch(1, 5, [0.1]));
    }

    [Theory]
    [InlineData(1, 1.25 * 4 / 255, null, false, 3)]
    [InlineData(3, null, 1, true, 0)]
    public void A_training_with_a_cheaper_attack_runs_and_says_how_strong_it_was(int steps, double? stepSize, int? firstSteps, bool stopCrossed, int checkSteps)
    {
        CobraOptions options = SmallTraining.Options with
        {
            Epochs = 2,
            Attack = new InnerMaximizationOptions { Steps = steps, StepSize = stepSize, FirstSteps = firstSteps, StopCrossed = stopCrossed, CheckSteps = checkSteps },
        };
        using ImageSet images = SmallTraining.Images();

        using CobraDetector detector = new CobraTrainer(options).Train(images);

        Assert.All(detector.Card.Health.Epochs, epoch =>
        {
            Assert.Equal(checkSteps > 0, epoch.AttackStrength.HasValue);
            Assert.True(epoch.AttackStrength is null or > 0 and < 3);
        });
    }

    [Theory]
    [InlineData("FirstSteps")]
    [InlineData("StopCrossed")]
    [InlineData("CheckSteps")]
    [InlineData("CheckShare")]
    [InlineData("FirstLayerSteps")]
    [InlineData("Replays")]
    public void An_impossible_option_is_refused_by_name(string option)
    {
        InnerMaximizationOptions options = option switch
        {
            "FirstSteps" => new() { Steps = 3, FirstSteps = 4 },
            "StopCrossed" => new() { StopCrossed = true, BatchStatistics = true },
            "CheckSteps" => new() { CheckSteps = -1 },
            "FirstLayerSteps" => new() { FirstLayerSteps = 0 },
            "Replays" => new() { Replays = 2, StopCrossed = true },
            _ => new() { CheckShare = 1.5 },
        };

        Assert.Equal(option, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);
    }
}
