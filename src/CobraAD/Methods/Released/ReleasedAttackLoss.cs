using CobraAD.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Released;

/// <summary>
/// The contrastive loss inside the training attacks of the authors' released code: NT-Xent between attacked rows and fixed targets,
/// with the key side of every similarity detached, so that only the anchors carry gradient. For comparison with that code.
/// </summary>
internal static class ReleasedAttackLoss
{
    private const double Stabilizer = 1e-8;

    /// <summary>(1/2N) Σ nll over the pairs (i, N + i) and (N + i, i); a scalar.</summary>
    /// <param name="attacked">Embeddings [N, d].</param>
    /// <param name="targets">Embeddings [N, d].</param>
    /// <param name="temperature">t.</param>
    public static Tensor Value(Tensor attacked, Tensor targets, double temperature = 0.5)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = attacked.size(0);

        // The released code normalises twice; the second time moves a unit vector by 1e-8.
        Tensor rows = UnitLength.Of(UnitLength.Of(cat([attacked, targets], 0)));
        Tensor similarities = rows.mm(rows.detach().t()) / temperature;
        Tensor self = eye(2 * count, dtype: ScalarType.Bool, device: rows.device);
        Tensor logNormalizer = similarities.masked_fill(self, double.NegativeInfinity).logsumexp(1);
        Tensor floor = full_like(logNormalizer, Math.Log(Stabilizer));
        Tensor partner = (arange(2 * count, ScalarType.Int64, rows.device) + count) % (2 * count);
        Tensor positive = similarities.gather(1, partner.unsqueeze(1)).squeeze(1);
        return ((positive - logNormalizer.logaddexp(floor)).exp() + Stabilizer).log().neg().mean().MoveToOuterDisposeScope();
    }
}
