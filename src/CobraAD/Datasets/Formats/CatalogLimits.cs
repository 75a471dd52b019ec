using System.Globalization;

namespace CobraAD.Datasets.Formats;

/// <summary>What reading a data set may take.</summary>
/// <param name="MaxPixels">The most pixels of one image.</param>
/// <param name="MemoryLimit">Bytes that may be taken; what is free when <see langword="null"/>.</param>
internal sealed record CatalogLimits(long MaxPixels, long? MemoryLimit)
{
    /// <summary>Whether whoever reads can say how much: what is advised must be there for them.</summary>
    public bool IsAdjustable { get; init; } = true;

    public static CatalogLimits Of(DatasetOptions options) => new(options.MaxPixels, options.MemoryLimit);

    /// <summary>Stops before something is read that does not fit into memory.</summary>
    public void RequireMemory(long needed, string what)
    {
        long available = MemoryLimit ?? FreeMemory();
        if (needed <= available) return;
        throw new DatasetException(
            $"Not enough memory for {what}: {Megabytes(needed)} MB are needed, {Megabytes(available)} MB are available. "
            + (IsAdjustable ? "Use fewer images or smaller ones, or allow more memory (MemoryLimit)." : "Use fewer images at a time."));
    }

    /// <summary>What the machine has free, and no more than its container allows.</summary>
    public static long FreeMemory()
    {
        long allowed = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        const string file = "/proc/meminfo";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal)) : null;
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 1 && long.TryParse(words[1], CultureInfo.InvariantCulture, out long kilobytes) ? Math.Min(allowed, kilobytes * 1024) : allowed;
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("N1", CultureInfo.InvariantCulture);
}
