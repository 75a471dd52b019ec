using System.CommandLine;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;

namespace CobraAD.Cli.Arguments;

/// <summary>Which images a command works on.</summary>
internal sealed class DataArguments
{
    public Argument<string?> Data { get; } = new("DATA")
    {
        Description = "Folder of the data set: good images, an MVTec layout, a folder per class, IDX (MNIST) or CIFAR files.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public Option<int?> ImageSize { get; } = new("--image-size")
    {
        Description = "Side in pixels to which images are resized; by default 32, 64 or 224, whichever holds them.",
        HelpName = "PIXELS",
        CustomParser = NumberOption.OptionalWithin(8, 4096),
    };

    private Option<string?> NormalClass { get; } = new("--normal-class") { Description = "The class that is normal; all others are anomalies.", HelpName = "CLASS" };

    private Option<string?> Anomalies { get; } = new("--anomalies") { Description = "Another data set whose images are the anomalies.", HelpName = "DATA" };

    private Option<int?> MaxTrain { get; } = new("--max-train") { Description = "At most this many training images.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(DatasetOptions.FewestTrainingImages, int.MaxValue) };

    private Option<int?> MaxTest { get; } = new("--max-test") { Description = "At most this many test images.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(2, int.MaxValue) };

    private Option<bool> SkipUnreadable { get; } = new("--skip-unreadable") { Description = "Leave unreadable images out instead of stopping." };

    public Option<long?> MemoryLimit { get; } = TextOption.OfValue("--memory-limit", "Memory that the decoded images may take.", "2GB", ByteSize.Parse);

    public void AddTo(Command command, bool canResize = true)
    {
        command.Arguments.Add(Data);
        if (canResize) command.Options.Add(ImageSize);
        foreach (Option option in (Option[])[NormalClass, Anomalies, MaxTrain, MaxTest, SkipUnreadable, MemoryLimit]) command.Options.Add(option);
    }

    /// <summary>Reads the data set; the caller disposes it.</summary>
    /// <param name="context">The command's context.</param>
    /// <param name="imageSize">The side that a trained model wants; what the command line says when <see langword="null"/>.</param>
    /// <param name="otherwise">The path to read where DATA was not given.</param>
    public AnomalyBenchmark Open(CommandContext context, int? imageSize = null, string? otherwise = null)
    {
        string path = context.Arguments.GetValue(Data) ?? otherwise
            ?? throw new UsageException($"'{context.Arguments.CommandResult.Command.Name}' needs DATA, the folder of a data set.");
        context.LoadTorch();
        DatasetOptions options = new()
        {
            ImageSize = imageSize ?? context.Arguments.GetValue(ImageSize),
            NormalClass = context.Arguments.GetValue(NormalClass),
            AnomalyData = context.Arguments.GetValue(Anomalies),
            MaxTrain = context.Arguments.GetValue(MaxTrain),
            MaxTest = context.Arguments.GetValue(MaxTest),
            SkipUnreadable = context.Arguments.GetValue(SkipUnreadable),
            MemoryLimit = context.Arguments.GetValue(MemoryLimit),
            Seed = context.Seed ?? 0,
        };
        AnomalyBenchmark benchmark = context.Console.Track(board => DatasetLoader.Open(path, options, new ReadingProgress(board), context.Cancellation));
        foreach (UnreadableImage skipped in benchmark.Skipped) context.Console.Warn($"left out {skipped.Source}: {skipped.Reason}");
        context.Console.Say($"{benchmark.Name} ({benchmark.Protocol}): {benchmark.Train.Count} training images, {benchmark.Test.Count} test images of {benchmark.Train.Width} × {benchmark.Train.Height} pixels");
        return benchmark;
    }
}
