using CobraAD.Evaluation.Metrics;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>The unbounded attack's outcome without any gradient: put normal images in the anomalies' place.</summary>
internal sealed class ScoringOracle : IAuditCheck
{
    public int Number => 3;

    public string Name => "Oracle for the unbounded attack";

    public string Criterion => "With normal test images in the anomalies' place AUROC is within three deviations of 50%; with training images it is no higher";

    public bool NeedsGradient => false;

    public AuditFinding Run(AuditContext context)
    {
        double[] normals = [.. context.Rows(anomalous: false).Select(i => context.CleanScores[i])];
        double[] first = [.. normals.Where((_, i) => i % 2 == 0)], second = [.. normals.Where((_, i) => i % 2 == 1)];
        double heldOut = Auroc(first, second), reach = Reach(first.Length, second.Length);
        string measured = $"{AuditFinding.Percent(heldOut)} with held-out normal images (50% ± {AuditFinding.Percent(reach)})";
        bool holds = Math.Abs(heldOut - 0.5) <= reach;
        if (context.Training is { } training)
        {
            double[] known = context.Score(training);
            double trained = Auroc(normals, known);
            measured += $", {AuditFinding.Percent(trained)} with training images";
            holds &= trained <= 0.5 + Reach(normals.Length, known.Length);
        }

        return AuditFinding.Of(
            holds, measured,
            "Scoring itself puts a normal image where it belongs, so a failure of check 2 is the gradient's.",
            "Normal images are not ranked as equals: the scoring path or the choice of the test images is at fault, before any attack.");
    }

    // Deviation of AUROC when both samples come from one distribution: √((n + m + 1) / 12nm).
    private static double Reach(int n, int m) => 3 * Math.Sqrt((n + m + 1) / (12.0 * n * m));

    private static double Auroc(double[] normals, double[] inTheirPlace) => DetectionMetrics.Compute(
        [.. normals, .. inTheirPlace], [.. Enumerable.Repeat(false, normals.Length), .. Enumerable.Repeat(true, inTheirPlace.Length)]).Auroc;
}
