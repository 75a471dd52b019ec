namespace CobraAD.Cli.Pieces;

/// <summary>A command's work as pieces that are kept in a folder.</summary>
/// <param name="Command">The command's name, and that of its script.</param>
/// <param name="Doing">What it does, for progress.</param>
/// <param name="Folder">Where the pieces are kept.</param>
/// <param name="Images">Number of images.</param>
/// <param name="Pieces">Number of pieces.</param>
/// <param name="Missing">The pieces that are not there.</param>
/// <param name="Compute">Computes one.</param>
/// <param name="Merge">Takes over those of another folder; says how many.</param>
internal sealed record PieceWork(
    string Command, string Doing, string Folder, int Images, int Pieces, Func<IReadOnlyList<int>> Missing, Action<int> Compute, Func<string, int> Merge)
{
    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>The images: files and folders.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>What a worker's command line has besides.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Options that name files which a pod does not see.</summary>
    public IReadOnlyList<string> Outside { get; init; } = [];
}
