namespace CobraAD.Attacks.Composite;

/// <summary>One round of A³: which share of the images is attacked, and how.</summary>
/// <param name="Share">Share of the images still worth attacking, the most promising first.</param>
/// <param name="Steps">Steps of the main ascent.</param>
/// <param name="DirectionSteps">Steps along a random direction in output space before it; 0 for none.</param>
/// <param name="Repeats">How often in a row.</param>
/// <param name="Late">Whether the direction leans on what worked as far as it can.</param>
internal readonly record struct AdaptiveRound(double Share, int Steps, int DirectionSteps, int Repeats = 1, bool Late = false)
{
    /// <summary>A look at everything: without directions, then with.</summary>
    public static readonly AdaptiveRound[] Opening = [new(1, 8, 0), new(1, 15, 7), new(1, 15, 7)];

    /// <summary>When directions alone broke few images: ever longer ascents on ever fewer images.</summary>
    public static readonly AdaptiveRound[] LongAscents =
    [
        new(0.7, 25, 7), new(0.6, 30, 7), new(0.5, 30, 7), new(0.4, 35, 7), new(0.3, 40, 7), new(0.2, 45, 7), new(0.1, 50, 7),
        new(0.1, 50, 7, 4), new(0.065, 55, 7, 4), new(0.03, 60, 7, 50, Late: true),
    ];

    /// <summary>When directions broke many: many short ascents.</summary>
    public static readonly AdaptiveRound[] ShortAscents =
    [
        new(0.7, 5, 10), new(0.6, 5, 10), new(0.5, 10, 10), new(0.4, 10, 12), new(0.3, 15, 12), new(0.2, 15, 15), new(0.1, 20, 15),
        new(0.1, 25, 10, 5), new(0.065, 35, 10, 10), new(0.03, 45, 10, 20, Late: true),
    ];
}
