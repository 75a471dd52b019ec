using CobraAD.Optimization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Tests.Optimization;

/// <summary>Running means of weights, against sums written out.</summary>
public sealed class WeightAverageTests
{
    [Fact]
    public void Without_bias_each_step_counts_the_decay_times_the_one_after_it_and_the_beginning_not_at_all()
    {
        double[] steps = [3, -1, 2, 8];
        double[] shares = [0.5 * 0.5 * 0.5, 0.5 * 0.5, 0.5, 1];

        double expected = steps.Zip(shares, (value, share) => value * share).Sum() / shares.Sum();

        Assert.Equal(expected, Average(steps, WeightAverage.Unbiased(0.5)), 1e-6);
        Assert.Equal(3, Average([3], WeightAverage.Unbiased(0.98)), 1e-6);
    }

    [Fact]
    public void A_slow_average_keeps_less_of_the_past_in_the_beginning()
    {
        double first = 0.1 * 7 + 0.9 * 3, second = 2 / 11.0 * first + 9 / 11.0 * -1;

        Assert.Equal(second, Average([3, -1], WeightAverage.Slow(0.98)), 1e-6);
        Assert.Equal(0.5 * 7 + 0.5 * 3, Average([3], step => WeightAverage.Slow(0.5)(step + 1000)), 1e-6);
    }

    [Fact]
    public void The_statistics_of_batch_normalisation_are_averaged_too()
    {
        using BatchNorm1d latest = nn.BatchNorm1d(1), average = nn.BatchNorm1d(1);
        WeightAverage running = new(average, latest, WeightAverage.Unbiased(0.5));

        foreach (double mean in (double[])[4, 1])
        {
            latest.running_mean!.fill_(mean);
            running.Update();
        }

        Assert.Equal(2, average.running_mean!.item<float>(), 1e-6);
        Assert.Equal(2, running.Steps);
    }

    /// <summary>The mean of a weight that begins as 7.</summary>
    private static double Average(double[] steps, Func<long, double> decay)
    {
        using Linear latest = nn.Linear(1, 1, hasBias: false), average = nn.Linear(1, 1, hasBias: false);
        Set(7);
        WeightAverage running = new(average, latest, decay);
        foreach (double step in steps)
        {
            Set(step);
            running.Update();
        }

        return average.weight!.item<float>();

        void Set(double value)
        {
            using IDisposable frozen = no_grad();
            latest.weight!.fill_(value);
        }
    }
}
