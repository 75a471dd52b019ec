using CobraAD.Server.Drift;
using CobraAD.Server.Results;

namespace CobraAD.Server.Tests.Drift;

public sealed class DriftMonitorTests
{
    private const string Model = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    [Fact]
    public void Parts_like_those_of_the_calibration_are_steady()
    {
        DriftMonitor monitor = Create();
        for (int i = 0; i < 50; i++) monitor.Add(Part(0.36 + 0.05 * Math.Sin(1000 + i)));

        DriftReport report = monitor.Report();

        Assert.Equal(DriftStatus.Steady, report.Status);
        Assert.Equal("calibration", report.Reference);
        Assert.InRange(report.PValue!.Value, 0.01, 1);
    }

    [Fact]
    public void Parts_that_score_higher_than_those_of_the_calibration_drift()
    {
        DriftMonitor monitor = Create();
        for (int i = 0; i < 50; i++) monitor.Add(Part(0.42 + 0.05 * Math.Sin(1000 + i)));

        DriftReport report = monitor.Report();

        Assert.Equal(DriftStatus.Drifting, report.Status);
        Assert.InRange(report.Shift!.Value, 0.3, 0.9);
    }

    [Fact]
    public void Real_defects_among_steady_parts_are_no_drift()
    {
        DriftMonitor monitor = Create();
        for (int i = 0; i < 100; i++) monitor.Add(i % 2 == 0 ? Part(0.9, isAnomalous: true) : Part(0.36 + 0.05 * Math.Sin(i)));

        DriftReport report = monitor.Report();

        Assert.Equal(DriftStatus.Steady, report.Status);
        Assert.Equal(0.5, report.AnomalousShare);
    }

    [Fact]
    public void Too_few_parts_and_parts_of_another_model_give_no_verdict()
    {
        DriftMonitor monitor = Create();
        for (int i = 0; i < 49; i++) monitor.Add(Part(0.4));
        for (int i = 0; i < 50; i++) monitor.Add(Part(0.4) with { Model = "another" });

        Assert.Equal(DriftStatus.Collecting, monitor.Report().Status);
        Assert.Equal(49, monitor.Report().RecentCount);
    }

    /// <summary>Reference values from the distribution's table: 1.358 is the 5 % point, 1.628 the 1 % point of √n · D for large samples.</summary>
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.01)]
    public void The_test_has_its_textbook_critical_values(double level)
    {
        double critical = level == 0.05 ? 1.358 : 1.628;
        const int count = 20_000;
        double[] first = [.. Enumerable.Range(0, count).Select(i => (double)i)];
        double shift = critical * Math.Sqrt(2.0 * count);
        double[] second = [.. first.Select(value => value + Math.Round(shift))];

        (double distance, double probability) = KolmogorovSmirnov.Compare(first, second);

        Assert.Equal(shift / count, distance, 1e-4);
        Assert.Equal(level, probability, 0.002);
    }

    [Fact]
    public void Equal_samples_and_ties_have_no_distance()
    {
        double[] sample = [1, 1, 2, 2, 3];

        Assert.Equal((0.0, 1.0), KolmogorovSmirnov.Compare(sample, sample));
    }

    private static DriftMonitor Create()
    {
        DriftMonitor monitor = new(50);
        using FakeScorer scorer = new(Model);
        monitor.Reset(scorer.Model, scorer.Threshold);
        return monitor;
    }

    private static PartResult Part(double score, bool isAnomalous = false) => new()
    {
        ScoredAt = DateTimeOffset.UnixEpoch,
        Name = "part",
        Source = "api",
        Score = score,
        Calibrated = 0.5,
        Threshold = 0.5,
        IsAnomalous = isAnomalous,
        NearestIndex = 0,
        Width = 1,
        Height = 1,
        ElapsedMilliseconds = 1,
        Model = Model,
    };
}
