using CobraAD.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Audit.Checks;

/// <summary>An image's score must not depend on the images beside it.</summary>
/// <remarks>
/// Among batches of one size every sum is taken in the same order, so other neighbours or another place may change next to nothing. Alone, an
/// image goes through kernels for other sizes, whose sums differ by the rounding of float32, which a squared distance multiplies.
/// </remarks>
internal sealed class Independence : IAuditCheck
{
    private const int Images = 16;
    private const double Tolerance = 1e-6, ToleranceAlone = 1e-5;

    public int Number => 14;

    public string Name => "Each image by itself";

    public string Criterion => "Whatever the other images of a batch and their order, scores are equal to 1e-6, and alone to 1e-5";

    public bool NeedsGradient => false;

    public AuditFinding Run(AuditContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] rows = [.. context.Rows(anomalous: false).Take(Images / 2), .. context.Rows(anomalous: true).Take(Images / 2)];
        Tensor batch = context.Images.index_select(0, tensor(rows.Select(i => (long)i).ToArray()));
        // Negatives are as unlike as neighbours can be; every second image keeps its place among them.
        Tensor even = (arange(rows.Length) % 2).eq(0).view(-1, 1, 1, 1), negative = 1 - batch;
        double[] together = Scores(batch), reversed = [.. Scores(batch.flip(0)).Reverse()];
        double[] evenKept = Scores(where(even, batch, negative)), oddKept = Scores(where(even, negative, batch));
        double beside = 0, alone = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            double unit = Math.Max(1, Math.Abs(together[i]));
            double among = i % 2 == 0 ? evenKept[i] : oddKept[i];
            beside = Math.Max(beside, Math.Max(Math.Abs(reversed[i] - together[i]), Math.Abs(among - together[i])) / unit);
            alone = Math.Max(alone, Math.Abs(Scores(batch.narrow(0, i, 1))[0] - together[i]) / unit);
        }

        return AuditFinding.Of(
            beside <= Tolerance && alone <= ToleranceAlone, $"largest difference {AuditFinding.Number(beside)} beside other images, {AuditFinding.Number(alone)} alone",
            "The batch that an image is in does not matter.",
            "The score depends on the other images of the batch: normalisation in training mode, statistics over the batch or shared random numbers couple them.");

        double[] Scores(Tensor images)
        {
            using IDisposable noGradient = no_grad();
            return FiniteScore.ToDoubles(FiniteScore.Of(context.Detector, images.to(context.Detector.Device)));
        }
    }
}
