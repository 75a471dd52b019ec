namespace CobraAD.Benchmarks.Macro;

/// <summary>The size of what is timed.</summary>
internal sealed record SceneOptions
{
    public int Normals { get; init; } = 16;

    public int Side { get; init; } = 32;

    public double Width { get; init; } = 1;

    /// <summary>Bytes that a training step may take; <see langword="null"/>: as many as it wants.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Steps of the training attack, which change the time and not the memory; <see langword="null"/>: the preset's.</summary>
    public int? AttackSteps { get; init; }
}
