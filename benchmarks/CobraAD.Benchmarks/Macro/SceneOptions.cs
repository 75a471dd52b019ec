namespace CobraAD.Benchmarks.Macro;

/// <summary>The size of what is timed.</summary>
internal sealed record SceneOptions
{
    public int Normals { get; init; } = 16;

    public int Side { get; init; } = 32;

    public double Width { get; init; } = 1;
}
