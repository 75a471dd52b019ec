using CobraAD.Detection;
using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>What an ascent climbs instead of the score; the points that it comes to are scored exactly.</summary>
/// <param name="Value">Images to values [B].</param>
/// <param name="Towards">+1 or -1 for each image, [B]: the sign with which the value is raised.</param>
internal sealed record StandIn(Func<Tensor, Tensor> Value, Tensor Towards)
{
    /// <summary>The detector's score and the value from one pass; <see langword="null"/> where each takes a pass of its own.</summary>
    public Func<Tensor, (Tensor Exact, Tensor StandIn)>? Together { get; init; }

    /// <summary>One of the detector's surrogates, raised as its score is.</summary>
    public static StandIn Of(ScoreSurrogate surrogate, AttackBatch batch) => new(surrogate.Score, batch.Sign) { Together = surrogate.Together };

    /// <summary>The score of a point, offered, and the value and gradient of the stand-in there.</summary>
    public (Tensor Value, Tensor Gradient) Look(AttackBatch batch, Tensor point, int restart, int step)
    {
        if (Together is not null) return batch.Differentiate(point, restart, step, Together, Towards);
        using Tensor exact = batch.Evaluate(point, restart, step);
        return batch.Differentiate(point, images => Value(images) * Towards);
    }
}
