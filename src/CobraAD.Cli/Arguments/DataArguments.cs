using System.CommandLine;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Imaging;

namespace CobraAD.Cli.Arguments;

/// <summary>Which images a command works on.</summary>
internal sealed class DataArguments
{
    private readonly ReadingArguments reading = new();
    private readonly FramingArguments framing = new();

    public Argument<string?> Data { get; } = new("DATA")
    {
        Description = "Folder of the data set: good images, an MVTec layout, a folder per class, IDX (MNIST) or CIFAR files.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public Option<int?> ImageSize => reading.ImageSize;

    public Option<long?> MemoryLimit => reading.MemoryLimit;

    private Option<string?> NormalClass { get; } = new("--normal-class") { Description = "The class that is normal; all others are anomalies.", HelpName = "CLASS" };

    private Option<string?> Anomalies { get; } = new("--anomalies") { Description = "Another data set whose images are the anomalies.", HelpName = "DATA" };

    private Option<int?> MaxTest { get; } = new("--max-test") { Description = "At most this many test images.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(2, int.MaxValue) };

    public void AddTo(Command command, bool canResize = true)
    {
        command.Arguments.Add(Data);
        if (canResize)
        {
            command.Options.Add(ImageSize);
            framing.AddTo(command);
        }

        foreach (Option option in (Option[])[NormalClass, Anomalies, reading.MaxTrain, MaxTest, reading.SkipUnreadable, MemoryLimit, reading.Cache]) command.Options.Add(option);
    }

    /// <summary>Reads the data set; the caller disposes it.</summary>
    /// <param name="context">The command's context.</param>
    /// <param name="imageSize">The side that a trained model wants; what the command line says when <see langword="null"/>.</param>
    /// <param name="otherwise">The path to read where DATA was not given.</param>
    /// <param name="splitSeed">The seed that the split belongs to: that of the model which is trained, or was; the command line's when <see langword="null"/>.</param>
    /// <param name="modelFraming">How a trained model frames pictures; what the command line says when <see langword="null"/>.</param>
    /// <param name="cache">Folder of decoded images where the command line names none.</param>
    public AnomalyBenchmark Open(
        CommandContext context, int? imageSize = null, string? otherwise = null, long? splitSeed = null, Framing? modelFraming = null, string? cache = null)
    {
        string path = Require(context, otherwise);
        context.LoadTorch();
        DatasetOptions options = OptionsOf(context, imageSize, modelFraming) with { SplitSeed = splitSeed };
        options = options with { CacheFolder = options.CacheFolder ?? cache };
        AnomalyBenchmark benchmark = context.Console.Track(board => DatasetLoader.Open(path, options, new ReadingProgress(board), context.Cancellation));
        ReadingArguments.Warn(context, benchmark.Skipped);
        int anomalies = benchmark.TestIsAnomalous.Count(anomalous => anomalous);
        string split = benchmark.Protocol == "random split" ? $", of which {benchmark.Test.Count - anomalies} good ones were put aside at random because the data set has no test part" : "";
        context.Console.Say($"{benchmark.Name} ({benchmark.Protocol}): {benchmark.Train.Count} training images, {benchmark.Test.Count} test images{split}; {benchmark.Train.Width} × {benchmark.Train.Height} pixels{(benchmark.Train.Framing is { } framed ? $", {FramingText.Of(framed)}" : "")}");
        reading.SayWhere(context, options.CacheFolder, benchmark.Train, benchmark.Test);
        return benchmark;
    }

    /// <summary>The data set's path.</summary>
    /// <param name="context">The command's context.</param>
    /// <param name="otherwise">The path where DATA was not given.</param>
    /// <exception cref="UsageException">None is given, or it does not exist.</exception>
    public string Require(CommandContext context, string? otherwise = null) => InputFile.ExistingPath(Data.Name, context.Arguments.GetValue(Data) ?? otherwise
        ?? throw new UsageException($"'{context.Arguments.CommandResult.Command.Name}' needs DATA, the folder of a data set."));

    /// <summary>What the command line says about reading.</summary>
    /// <param name="context">The command's context.</param>
    /// <param name="imageSize">The side that a trained model wants; what the command line says when <see langword="null"/>.</param>
    /// <param name="modelFraming">How it frames pictures; what the command line says when <see langword="null"/>.</param>
    public DatasetOptions OptionsOf(CommandContext context, int? imageSize = null, Framing? modelFraming = null) => new()
    {
        Framing = modelFraming ?? framing.Of(context),
        ImageSize = imageSize ?? context.Arguments.GetValue(ImageSize),
        NormalClass = context.Arguments.GetValue(NormalClass),
        AnomalyData = context.Arguments.GetValue(Anomalies) is { } anomalies ? InputFile.ExistingPath(Anomalies.Name, anomalies) : null,
        MaxTrain = context.Arguments.GetValue(reading.MaxTrain),
        MaxTest = context.Arguments.GetValue(MaxTest),
        SkipUnreadable = context.Arguments.GetValue(reading.SkipUnreadable),
        MemoryLimit = context.Arguments.GetValue(MemoryLimit),
        CacheFolder = reading.CacheOf(context),
        Seed = context.Seed ?? 0,
    };

    /// <summary>Reads a data set on which a detector is measured; the caller disposes it.</summary>
    /// <inheritdoc cref="Open"/>
    /// <exception cref="UsageException">It has test images of one class only.</exception>
    public AnomalyBenchmark OpenToMeasure(CommandContext context, DetectorSubject detector, string? otherwise, string? cache = null)
    {
        AnomalyBenchmark benchmark = Open(context, detector.ImageSize, otherwise, detector.SplitSeed, detector.Framing, cache);
        try
        {
            RequireBothClasses(benchmark);
            return benchmark;
        }
        catch
        {
            benchmark.Dispose();
            throw;
        }
    }

    /// <summary>A ranking needs good parts and others.</summary>
    /// <exception cref="UsageException">One of them is missing.</exception>
    public static void RequireBothClasses(AnomalyBenchmark benchmark)
    {
        if (!benchmark.TestIsAnomalous.Contains(true))
            throw new UsageException($"{benchmark.Name} has no anomalous test images, and how well a detector tells them from good ones is what is measured. Name a data set of some with --anomalies DATA, or put them into a folder test/KIND.");
        if (!benchmark.TestIsAnomalous.Contains(false))
            throw new UsageException($"{benchmark.Name} has no good test images. Put some into a folder test/good; they must not be among the training images.");
    }
}
