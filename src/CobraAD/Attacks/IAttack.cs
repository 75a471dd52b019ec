using CobraAD.Attacks.Records;

namespace CobraAD.Attacks;

/// <summary>
/// An adversary of a scalar anomaly score. It proposes points; the <see cref="Ledger"/> alone decides what counts: everything that an
/// attack evaluates through its batch is recorded there, with its cost.
/// </summary>
/// <remarks>
/// <para>
/// What to derive an attack of one's own from: <see cref="BatchAttack"/> when it treats each image by itself, <see cref="Attack"/> when it
/// decides something between passes over the images, and this interface when its options are no recipe. Every evaluator takes any of them.
/// </para>
/// <para>
/// Three rules make its numbers comparable with all others. It evaluates only through <see cref="AttackBatch"/>, so that every pass is counted
/// and every point offered. It draws only from <see cref="AttackBatch.Random"/>, so that a result does not depend on the batch size. And a
/// choice that depends on what was found goes through <see cref="AttackContext.Decide"/>, so that an interrupted run goes on as it began.
/// </para>
/// </remarks>
public interface IAttack
{
    /// <summary>The short name used in recipes and reports, e.g. "pgd": lower case, without ':', ',' and spaces.</summary>
    string Name { get; }

    /// <summary>Whether the attack needs gradients (white box) or only scores (black box).</summary>
    /// <value>Default <see langword="true"/>: it is not run on a detector without gradients.</value>
    bool NeedsGradient => true;

    /// <summary>Attacks the images that are still worth attacking, <see cref="Ranks.OpenImages"/>; whatever it finds stands in the ledger.</summary>
    /// <param name="context">The detector, the threat model, the images and the ledger.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled; what whole batches found is recorded.</exception>
    void Run(AttackContext context);
}
