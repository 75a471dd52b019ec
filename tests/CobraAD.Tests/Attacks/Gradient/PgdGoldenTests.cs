using System.Text.Json;
using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Tests.Golden;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Gradient;

public sealed class PgdGoldenTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_released_evaluation_is_followed_step_by_step(int number)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement golden = GoldenFile.Read("pgd_evaluation.json");
        JsonElement expected = golden.GetProperty("cases")[number];
        // The file's score is a normality score: larger is more normal.
        using AnalyticDetector detector = new(x => -Cosines(golden, x, normalise: false).amax([1L])) { Remember = true };

        Follow(golden, detector, anomalous: !expected.GetProperty("is_normal").GetBoolean(), Norm.Linf, expected);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_papers_score_is_climbed_step_by_step(int number)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement golden = GoldenFile.Read("pgd_paper_anomaly_score.json");
        JsonElement expected = golden.GetProperty("cases")[number];
        using AnalyticDetector detector = new(x => -Cosines(golden, x, normalise: true).amax([1L])) { Remember = true };
        bool anomalous = expected.GetProperty("y").GetInt32() < 0;

        Ledger ledger = Follow(golden, detector, anomalous, ThreatModel.ParseNorm(expected.GetProperty("norm").GetString()!), expected);

        double[] best = expected.GetProperty("best_signed").Vector();
        for (int i = 0; i < best.Length; i++) Assert.Equal(best[i], anomalous ? -ledger[i].WorstScore : ledger[i].WorstScore, 1e-9);
    }

    private static Ledger Follow(JsonElement golden, AnalyticDetector detector, bool anomalous, Norm norm, JsonElement expected)
    {
        Tensor images = golden.GetProperty("x0").Array().reshape(-1, 3, 1, 2);
        bool[] labels = [.. Enumerable.Repeat(anomalous, (int)images.size(0))];
        int steps = expected.GetProperty("steps").GetInt32();
        Pgd attack = new() { Steps = steps, Schedule = StepSchedule.Constant, IncludeFgsm = false };
        Ledger ledger = Ledger.Open(detector, images, labels, new ThreatModel(norm, expected.GetProperty("eps").GetDouble()));

        attack.Run(new AttackContext(detector, ledger, new RandomStreams(0)));

        Tensor trajectory = expected.GetProperty("trajectory").Array();
        Assert.Equal(steps + 2, detector.Seen.Count);
        for (int step = 0; step < steps; step++)
        {
            double difference = (detector.Seen[step + 2].reshape(-1, 6) - trajectory[step]).abs().max().item<double>();
            Assert.True(difference < 1e-9, $"Step {step + 1} is off by {difference}.");
        }

        return ledger;
    }

    private static Tensor Cosines(JsonElement golden, Tensor images, bool normalise)
    {
        Tensor features = nn.functional.linear(images.flatten(1), golden.GetProperty("W").Array(), golden.GetProperty("b").Array());
        if (normalise) features = features / (features.square().sum(1, true).sqrt() + 1e-8);
        return nn.functional.linear(features, golden.GetProperty("bank").Array());
    }
}
