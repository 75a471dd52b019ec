namespace CobraAD.Losses;

/// <summary>What the barrier of equation (2) does where the positive is not more similar than the opposite.</summary>
public enum MarginForm
{
    /// <summary>Goes on along the tangent at the margin floor: finite, convex, and still pulling.</summary>
    Continued,

    /// <summary>Throws and says how many margins were not positive: the literal formula, which has no value there.</summary>
    Strict,

    /// <summary>Clamps the difference at 1e-8. Its gradient dies exactly where the margin is violated: for comparison only.</summary>
    Clamped,
}
