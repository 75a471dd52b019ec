namespace CobraAD.Attacks;

/// <summary>An attack that can be written as a recipe, e.g. "pgd:steps=1000,restarts=10".</summary>
public abstract record Attack : IAttack
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public virtual bool NeedsGradient => true;

    /// <inheritdoc/>
    public abstract void Run(AttackContext context);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public virtual void Validate()
    {
    }

    /// <summary>The recipe, every option included; <see cref="AttackRecipe.Parse"/> reads it back.</summary>
    public sealed override string ToString() => AttackRecipe.Write(this);

    private protected static void InRange(string option, double value, double low, double high)
    {
        if (!(value >= low && value <= high)) throw new ArgumentOutOfRangeException(option, value, $"{option} must be between {low} and {high}.");
    }
}
