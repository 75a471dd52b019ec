using System.Globalization;

namespace CobraAD.Load;

/// <summary>What is sent where, and for how long.</summary>
internal sealed record LoadPlan
{
    private const int LongestSeconds = 600;

    public required Uri Service { get; init; }

    public required IReadOnlyList<string> Images { get; init; }

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    public int Connections { get; init; } = 8;

    /// <summary>A model that is put to work in the middle.</summary>
    public string? Swap { get; init; }

    /// <summary>The service's process, whose memory is read (Linux).</summary>
    public int? Process { get; init; }

    public static LoadPlan Parse(string[] arguments)
    {
        if (arguments.Length < 2 || !Uri.TryCreate(arguments[0], UriKind.Absolute, out Uri? service)) throw new ArgumentException("Usage: ADDRESS IMAGES [--seconds 60] [--connections 8] [--swap MODEL.onnx] [--process ID]");
        // A load test belongs to a service of one's own.
        if (!service.IsLoopback) throw new ArgumentException($"{service} is not on this machine; only loopback addresses are loaded.");
        string[] images = [.. Directory.EnumerateFiles(arguments[1], "*", SearchOption.AllDirectories).Where(path => Path.GetExtension(path) is ".png" or ".jpg" or ".jpeg").Order()];
        if (images.Length == 0) throw new ArgumentException($"{arguments[1]} holds no PNG or JPEG image.");
        LoadPlan plan = new() { Service = service, Images = images };
        for (int i = 2; i + 1 < arguments.Length; i += 2)
        {
            string value = arguments[i + 1];
            plan = arguments[i] switch
            {
                "--seconds" => plan with { Duration = TimeSpan.FromSeconds(Number(value, LongestSeconds)) },
                "--connections" => plan with { Connections = Number(value, 256) },
                "--swap" => plan with { Swap = value },
                "--process" => plan with { Process = Number(value, int.MaxValue) },
                _ => throw new ArgumentException($"Unknown option '{arguments[i]}'."),
            };
        }

        return plan;
    }

    private static int Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most
            ? number
            : throw new ArgumentException($"'{text}' is no number from 1 to {most}.");
}
