using CobraAD.Attacks.Records;

namespace CobraAD.Evaluation.Robustness;

/// <summary>How the attacks of a list share the images.</summary>
public enum AttackOrder
{
    /// <summary>Each attack starts from the clean images, so that its row shows its own strength; the union takes the worst of all.</summary>
    Independent,

    /// <summary>
    /// Each attack goes on where the ones before it stopped and skips images that are rank-broken already (see
    /// <see cref="Ranks.OpenImages"/>): less work where it cannot change a rank; a row shows the attacks up to it together.
    /// </summary>
    Sequential,
}
