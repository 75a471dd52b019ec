using System.CommandLine;
using CobraAD.Cli.Values;
using CobraAD.Datasets;

namespace CobraAD.Cli.Arguments;

/// <summary>How images are read, whatever they are read for.</summary>
internal sealed class ReadingArguments
{
    private const int MostNamed = 3;

    public Option<int?> ImageSize { get; } = new("--image-size")
    {
        Description = "Side in pixels to which images are resized; by default 32, 64 or 224, whichever holds them.",
        HelpName = "PIXELS",
        CustomParser = NumberOption.OptionalWithin(8, 4096),
    };

    public Option<int?> MaxTrain { get; } = new("--max-train")
    {
        Description = "At most this many training images.",
        HelpName = "N",
        CustomParser = NumberOption.OptionalWithin(DatasetOptions.FewestTrainingImages, int.MaxValue),
    };

    public Option<bool> SkipUnreadable { get; } = new("--skip-unreadable") { Description = "Leave unreadable images out instead of stopping." };

    public Option<long?> MemoryLimit { get; } = TextOption.OfValue("--memory-limit", "Memory that the decoded images may take, 1GiB by default; more of them are kept in a file.", "2GB", ByteSize.Parse);

    public Option<string?> Cache { get; } = new("--cache") { Description = "Keep the decoded images in this folder, so that later commands need not decode them.", HelpName = "DIR" };

    /// <summary>The folder of decoded images, where one is named.</summary>
    /// <exception cref="UsageException">It is a file, or cannot be written to.</exception>
    public string? CacheOf(CommandContext context)
    {
        string? folder = context.Arguments.GetValue(Cache);
        if (folder is not null) OutputFile.RequireFolder(Cache.Name, folder);
        return folder;
    }

    /// <summary>Says so where the images are in a file.</summary>
    public void SayWhere(CommandContext context, string? folder, params IReadOnlyList<ImageSet> sets)
    {
        long bytes = sets.Where(set => !set.IsInMemory).Sum(set => 3L * set.Height * set.Width * set.Count);
        if (bytes > 0) context.Console.Say($"{ByteSize.Format(bytes)} of decoded images are in {(folder is not null ? $"{folder} and serve the next command too" : $"a temporary file ({MemoryLimit.Name}, {Cache.Name})")}");
    }

    /// <summary>Says which images were left out.</summary>
    public static void Warn(CommandContext context, IEnumerable<UnreadableImage> skipped)
    {
        foreach (IGrouping<string, UnreadableImage> alike in skipped.GroupBy(image => image.Reason))
        {
            UnreadableImage[] images = [.. alike];
            string which = images.Length <= MostNamed ? string.Join(", ", images.Select(image => image.Source)) : $"{images.Length} files, from {images[0].Source} to {images[^1].Source}";
            context.Console.Warn($"left out {which}: {alike.Key}");
        }
    }
}
