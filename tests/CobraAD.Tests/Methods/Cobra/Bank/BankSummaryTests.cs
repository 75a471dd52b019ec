using CobraAD.Methods.Cobra.Bank;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra.Bank;

/// <summary>What the bank says about itself as a whole.</summary>
public sealed class BankSummaryTests
{
    [Fact]
    public void The_spread_is_the_median_distance_to_the_mean_direction()
    {
        // Directions at 0°, ±10°, ±40°: the mean is at 0°, the median distance that of 10°.
        using BankSummary summary = new(AtAngles(1, 0, 10, -10, 40, -40));

        Assert.Equal(1 - Math.Cos(10 * Math.PI / 180), summary.Spread, 1e-6);
    }

    [Fact]
    public void A_bank_of_one_direction_has_the_smallest_spread_instead_of_none()
    {
        using BankSummary summary = new(AtAngles(1, 30, 30, 30));

        Assert.InRange(summary.Spread, 1e-9, 1e-6);
    }

    [Fact]
    public void Centers_are_the_middles_of_the_groups_whatever_their_lengths()
    {
        using BankSummary summary = new(AtAngles(5, 0, 10, 90, 110, 200, 200));

        double[] angles = [.. Angles(summary.Centers(3)).Order()];

        Assert.Equal(5, angles[0], 1e-3);
        Assert.Equal(100, angles[1], 1e-3);
        Assert.Equal(200, angles[2], 1e-3);
        Assert.Same(summary.Centers(3), summary.Centers(3));
    }

    [Fact]
    public void Centers_of_a_bank_of_repeated_directions_are_directions_too()
    {
        using BankSummary summary = new(AtAngles(1, 30, 30, 30));

        Assert.All(Angles(summary.Centers(2)), angle => Assert.Equal(30, angle, 1e-3));
        Assert.Equal([1, 1], summary.Centers(2).norm(1).data<double>().Select(length => Math.Round(length, 6)));
    }

    [Fact]
    public void The_entries_farthest_from_the_mean_are_trimmed()
    {
        using BankSummary summary = new(AtAngles(1, 0, 10, -10, 90, 5));

        Assert.Equal([-10, 0, 5, 10], Angles(summary.Central(0.2)).Select(angle => Math.Round(angle, 3)).Order());
        Assert.Equal(5, summary.Central(0).size(0));
        Assert.Equal(1, summary.Central(0.9).size(0));
    }

    [Fact]
    public void A_very_large_bank_is_thinned_evenly()
    {
        using Tensor entries = arange(3 * 65_536, ScalarType.Float32).add_(1).unsqueeze(1);
        using BankSummary summary = new(entries);

        Assert.Equal(65_536, summary.Directions.size(0));
        Assert.Equal(4, summary.Entries[1].item<float>());
    }

    private static Tensor AtAngles(double length, params double[] degrees) =>
        tensor(degrees.SelectMany(angle => new[] { length * Math.Cos(angle * Math.PI / 180), length * Math.Sin(angle * Math.PI / 180) }).ToArray())
            .view(degrees.Length, 2).to(ScalarType.Float32);

    private static IEnumerable<double> Angles(Tensor directions) => Enumerable.Range(0, (int)directions.size(0)).Select(row =>
    {
        double angle = Math.Atan2(directions[row, 1].item<double>(), directions[row, 0].item<double>()) * 180 / Math.PI;
        return angle < -90 ? angle + 360 : angle;
    });
}
