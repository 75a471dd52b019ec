using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>An image's score must not depend on the images beside it.</summary>
internal sealed class Independence : IAuditCheck
{
    private const int Images = 16;
    private const double Tolerance = 1e-6;

    public int Number => 14;

    public string Name => "Each image by itself";

    public string Criterion => "Scores alone, in a batch and in the reversed batch are equal to 1e-6";

    public bool NeedsGradient => false;

    public AuditFinding Run(AuditContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] rows = [.. context.Rows(anomalous: false).Take(Images / 2), .. context.Rows(anomalous: true).Take(Images / 2)];
        Tensor batch = context.Images.index_select(0, tensor(rows.Select(i => (long)i).ToArray()));
        double[] together = Scores(batch), reversed = [.. Scores(batch.flip(0)).Reverse()];
        double largest = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            double alone = Scores(batch.narrow(0, i, 1))[0];
            double unit = Math.Max(1, Math.Abs(alone));
            largest = Math.Max(largest, Math.Max(Math.Abs(together[i] - alone), Math.Abs(reversed[i] - alone)) / unit);
        }

        return AuditFinding.Of(
            largest <= Tolerance, $"largest difference {AuditFinding.Number(largest)}",
            "The batch that an image is in does not matter.",
            "The score depends on the other images of the batch: normalisation in training mode, statistics over the batch or shared random numbers couple them.");

        double[] Scores(Tensor images)
        {
            using IDisposable noGradient = no_grad();
            return Attacks.CheckedScore.ToDoubles(Attacks.CheckedScore.Of(context.Detector, images.to(context.Detector.Device)));
        }
    }
}
