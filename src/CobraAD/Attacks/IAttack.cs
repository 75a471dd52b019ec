using CobraAD.Attacks.Records;

namespace CobraAD.Attacks;

/// <summary>
/// An adversary of a scalar anomaly score. It proposes points; the <see cref="Ledger"/> alone decides what counts: everything that an
/// attack evaluates through its batch is recorded there, with its cost.
/// </summary>
public interface IAttack
{
    /// <summary>The short name used in recipes and reports, e.g. "pgd".</summary>
    string Name { get; }

    /// <summary>Whether the attack needs gradients (white box) or only scores (black box).</summary>
    bool NeedsGradient => true;

    /// <summary>Attacks the images that are still worth attacking.</summary>
    /// <param name="context">The detector, the threat model, the images and the ledger.</param>
    void Run(AttackContext context);
}
