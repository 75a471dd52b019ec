using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Terminal.Tables;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Tiles;
using CobraAD.Mpi;
using CobraAD.Networks;
using CobraAD.PseudoAnomalies;
using CobraAD.Training;
using TorchSharp;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra train DATA -o model.cobra</c></summary>
internal sealed class TrainCommand
{
    private const int SizeWithoutData = 32;

    private readonly DataArguments data = new();
    private readonly ModelArguments model = new();
    private readonly Option<string> method = new("--method") { Description = "What to train; 'cobra methods' lists them.", HelpName = "NAME", DefaultValueFactory = _ => CobraDetector.Kind };
    private readonly Option<string> output = new("--output", "-o") { Description = "The model file to write.", HelpName = "FILE", DefaultValueFactory = _ => "model.cobra" };
    private readonly Option<TimeSpan?> time = new("--time")
    {
        Description = "How long a training of cobra may take, e.g. 20m: as many updates as fit, with a cheaper attack or a thinner network if too few would.",
        HelpName = "TIME",
        CustomParser = Duration.Optional,
    };

    private readonly Option<bool> replace = ReplaceOption();
    private readonly Option<bool> resume = new("--resume") { Description = "Go on with an interrupted training of this output file." };

    public static Command Create(CommandHost host)
    {
        TrainCommand train = new();
        Command command = new("train", "Train a detector on a folder of good images.");
        train.data.AddTo(command);
        train.data.MemoryLimit.Description = "Memory that the decoded images may take, 1GiB by default; more of them are kept in a file. With cobra, what the whole training may take, whose steps then go through their images in parts.";
        train.method.AcceptOnlyFromAmong([.. DetectionMethods.All.Select(known => known.Name)]);
        command.Options.Add(train.method);
        command.Options.Add(train.output);
        command.Options.Add(train.time);
        command.Options.Add(train.replace);
        command.Options.Add(train.resume);
        train.model.AddTo(command);
        host.SetAction(command, train.Run, isShared: true);
        return command;
    }

    /// <summary>Models take hours: only who asks for it loses one.</summary>
    internal static Option<bool> ReplaceOption() => new("--overwrite") { Description = "Replace the output file if it exists." };

    private void Run(CommandContext context)
    {
        IDetectionMethod chosen = model.Method(context, context.Arguments.GetValue(method)!);
        long? memoryLimit = context.Arguments.GetValue(data.MemoryLimit);
        if (model.IsPrintConfig(context) && context.Arguments.GetValue(data.Data) is null)
        {
            ModelArguments.Print(context, model.Resolve(context, chosen, context.Arguments.GetValue(data.ImageSize) ?? SizeWithoutData, memoryLimit));
            return;
        }

        IRanks? ranks = context.Process?.Ranks;
        if (ranks is not null && context.Arguments.GetValue(time) is not null) throw new UsageException("--time: how long an update takes on several ranks is not planned; give --epochs, or train on one.");
        string path = context.Arguments.GetValue(output)!;
        string checkpoint = path + ".checkpoint";
        bool isResumed = context.Arguments.GetValue(resume);
        if (isResumed && !chosen.CanResume) throw new UsageException($"--resume: a training of {chosen.Name} keeps no checkpoints; start it again.");
        TimeSpan? most = context.Arguments.GetValue(time);
        if (most is not null && model.AreEpochsGiven(context)) throw new UsageException($"--epochs and {time.Name} exclude each other: the time decides how many updates there are.");
        if (!model.IsPrintConfig(context) && ranks is not { Rank: > 0 })
        {
            if (chosen.CanResume) OutputFile.RequireCheckpoint(output.Name, checkpoint, isResumed, "training");
            OutputFile.RequireNew(output.Name, path, context.Arguments.GetValue(replace), replace.Name);
        }

        // What is wrong with the options is said before images are read, which may take minutes; and the data set is split by the model's seed.
        CobraOptions? begun = isResumed && File.Exists(checkpoint) && chosen.OptionsType == typeof(CobraOptions) ? CobraTime.Begun(checkpoint) : null;
        DetectorOptions early = model.Resolve(context, chosen, context.Arguments.GetValue(data.ImageSize) ?? SizeWithoutData, memoryLimit, begun, isEarly: true);
        if (early is CobraOptions { AnomalySource: var source } && PseudoAnomalySources.FolderOf(source) is { } folder && !Directory.Exists(folder))
            throw new UsageException($"The folder of pseudo-anomalies {folder} does not exist.");
        if (context.Arguments.GetValue(data.ImageSize) is { } side) RequireFit(early, side, side);
        torch.Device device = context.OpenDevice();
        using AnomalyBenchmark benchmark = data.Open(context, splitSeed: early.Seed);
        // Ranks cannot share the preset for good parts: its attack is on the statistics of the batch.
        DetectorOptions options = model.Resolve(context, chosen, Math.Max(benchmark.Train.Height, benchmark.Train.Width), memoryLimit, begun, ranks is null ? benchmark : null);
        RequireFit(options, benchmark.Train.Height, benchmark.Train.Width);
        // A plan depends on how fast the machine is just now: what was planned once is kept.
        if (most is { } limit && begun is null) options = Planned(context, options, benchmark.Train, limit, device, mayRound: !model.IsPrecisionGiven(context));
        if (model.IsPrintConfig(context))
        {
            ModelArguments.Print(context, options);
            return;
        }

        foreach (string remark in benchmark.Remarks()) context.Console.Warn(remark);
        if (begun is null && options.Tiles is { } tiles && model.IsPresetOfData(context, chosen, benchmark))
            context.Console.Say($"These are good parts, so they are gone through in tiles of {tiles.Size} px: --preset {options.Preset}. For whole images, --preset {chosen.DefaultPreset}.");
        if (options.Tiles is null && chosen.Announce(options, benchmark.Train) is { } announcement) context.Console.Say(announcement);
        using ITrainedDetector detector = context.Console.Track(board => Detector.Train(benchmark, options, new TrainingSession
        {
            Device = device,
            CheckpointPath = chosen.CanResume ? checkpoint : null,
            Resume = isResumed,
            Progress = new TrainingDisplay(board, (options as CobraOptions)?.Epochs),
            Cancellation = context.Cancellation,
            Ranks = ranks,
        }));
        if (ranks is { Rank: > 0 }) return;
        detector.Save(path);
        if (chosen.CanResume) File.Delete(checkpoint);
        Report(context.Console, path, detector.Card);
        if (ranks is not null) context.Console.Say(InWords(ranks));
    }

    /// <summary>Tiles are cut out of images; where they cannot be, nothing is begun.</summary>
    internal static void RequireFit(DetectorOptions options, int height, int width)
    {
        try
        {
            options.Tiles?.RequireFit(height, width);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException($"--tile: {exception.Message}");
        }
    }

    /// <summary>The training that fits into a time.</summary>
    private static CobraOptions Planned(CommandContext context, DetectorOptions options, ImageSet images, TimeSpan most, torch.Device device, bool mayRound)
    {
        if (options is not CobraOptions cobra) throw new UsageException("--time plans trainings of cobra only; other methods have --epochs.");
        CobraOptions planned;
        try
        {
            planned = CobraTime.Fit(cobra, images, most, device, mayRound);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new UsageException($"--time: {exception.Message}");
        }

        int updates = planned.Epochs * planned.ItemsPerEpoch / planned.BatchSize;
        context.Console.Say(
            $"{updates} updates against {planned.Attack?.Describe() ?? "no attack"} fit into {Duration.InWords(most)} on {torch.get_num_threads()} threads"
            + $"{(planned.Precision == cobra.Precision ? "" : ", in bfloat16, in which this processor is faster (--precision fp32 for float32)")}"
            + $"{InWords(planned.Network, cobra.Network)}.");
        return planned;
    }

    /// <summary>How a planned network differs from the wanted one.</summary>
    private static string InWords(CobraNetworkOptions planned, CobraNetworkOptions wanted)
    {
        bool isThinner = planned.Encoder != wanted.Encoder;
        if (planned.Members == wanted.Members) return isThinner ? ", with a network of half the width" : "";
        return $", with {planned.Members} encoders{(isThinner ? " of half the width" : "")} side by side (--members 1 for one and more updates)";
    }

    private static string InWords(IRanks ranks) => string.Create(
        CultureInfo.InvariantCulture, $"{ranks.Size} ranks; rank 0 handed over {ranks.Traffic.Bytes / 1e6:0.0} MB in {ranks.Traffic.Calls} operations and spent {ranks.Traffic.Seconds:0.0} s in them, waiting included.");

    private static void Report(CommandConsole console, string path, IModelCard card)
    {
        ScoreCalibration calibration = card.Calibration;
        int kept = calibration.HeldOut ? calibration.Count : 0;
        console.Print($"{path}: {card.Name}, trained in {Duration.InWords(TimeSpan.FromSeconds(card.TrainingSeconds))} on {card.Data.Images - kept} images{(kept == 0 ? "" : $", threshold from {kept} others")}");
        console.Print($"threshold {calibration.Threshold.ToString("G10", CultureInfo.InvariantCulture)}: {InfoCommand.Promise(calibration)}");
        if (card is TiledModelCard tiled) foreach (string line in TileText.Of(tiled)) console.Print(line);
        if (One(card) is CobraModelCard { Health: { } health })
        {
            if (health.Score is { } choice) ScoreText.Print(console, choice);
            foreach (string line in MirrorText.Of(health)) console.Print(line);
            if (MixText.WarningOf(health.PseudoAnomalies) is { } evenly) console.Warn(evenly);
        }

        if (!calibration.HeldOut) console.Warn("too few images to keep any for the threshold: it comes from the training images and is optimistic.");
        console.Say($"Score images with: cobra score {path} IMAGES");
        console.PrintJson<object>(card is TiledModelCard whole ? new { Model = path, card.Method, Data = card.Data with { Marks = null }, card.Calibration, whole.Tiles, whole.Health, card.TrainingSeconds }
            : card is CobraModelCard cobra ? new { Model = path, Data = cobra.Data with { Marks = null }, cobra.Calibration, cobra.Health }
            : new { Model = path, card.Method, Data = card.Data with { Marks = null }, card.Calibration, card.TrainingSeconds });
    }

    /// <summary>The card of the network: of a model that works in tiles, that of a single tile.</summary>
    private static IModelCard One(IModelCard card) => card is TiledModelCard tiled ? tiled.Tile : card;
}
