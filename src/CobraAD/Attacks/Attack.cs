namespace CobraAD.Attacks;

/// <summary>An attack that can be written as a recipe, e.g. "pgd:steps=1000,restarts=10".</summary>
/// <remarks>
/// Derive from it when an attack decides something between passes over the images; from <see cref="BatchAttack"/> when it treats each image by
/// itself. The options of a recipe are the public init properties that the type itself declares.
/// </remarks>
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
    public sealed override string ToString() => RecipeText.Write(this);
}
