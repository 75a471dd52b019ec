namespace CobraAD.Cli.Values;

/// <summary>A kind of file that a command writes, told by its first bytes: a later run replaces one of its own kind and nothing else.</summary>
/// <param name="Name">What it is, with an article.</param>
/// <param name="Example">A name for one.</param>
/// <param name="IsStart">Whether a file that begins so is one.</param>
internal sealed record FileKind(string Name, string Example, Func<byte[], bool> IsStart)
{
    /// <summary>Bytes that decide.</summary>
    public const int StartLength = 8;

    /// <summary>An ONNX model: a version number, then a text or the graph.</summary>
    public static FileKind Onnx { get; } = new("an ONNX model", "model.onnx", start => start is [0x08, < 0x20, 0x12 or 0x3a, ..]);

    public static FileKind Png { get; } = new("a PNG picture", "gallery.png", start => start is [0x89, 0x50, 0x4E, 0x47, ..]);

    public static FileKind Parquet { get; } = new("a Parquet file", "scores.parquet", start => start.AsSpan().StartsWith("PAR1"u8));

    /// <summary>The progress of a training: a zip archive, as a model is.</summary>
    public static FileKind Checkpoint { get; } = new("a checkpoint of a training", "model.cobra.checkpoint", start => start.AsSpan().StartsWith("PK"u8));

    /// <summary>The progress of an evaluation: the length of its title, then the title.</summary>
    public static FileKind State { get; } = new("the state of an evaluation", "progress.state", start => start.Length > 1 && "CobraAD"u8.StartsWith(start.AsSpan(1)));
}
