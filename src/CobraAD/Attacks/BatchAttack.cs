using CobraAD.Attacks.Records;

namespace CobraAD.Attacks;

/// <summary>An attack that treats each image by itself, so that one pass over the open images in batches is all there is.</summary>
public abstract record BatchAttack : Attack
{
    /// <inheritdoc/>
    public override void Run(AttackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Validate();
        context.ForEachBatch(Name, context.Ledger.OpenImages(), batch => Run(batch, context));
    }

    /// <summary>Attacks one batch.</summary>
    /// <param name="batch">The images.</param>
    /// <param name="context">The run they belong to.</param>
    protected abstract void Run(AttackBatch batch, AttackContext context);
}
