using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CobraAD.Cli.Configuration;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Serialization;
using CobraAD.Training;
using CobraAD.Training.Pretraining;
using TorchSharp;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra pretrain DATA -o backbone.safetensors</c></summary>
internal sealed class PretrainCommand
{
    private const int SizeWithoutData = 32;

    private readonly Argument<string?> data = new("DATA") { Description = "Folder of labelled images: a folder per class, IDX (MNIST), CIFAR or SVHN files.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> output = new("--output", "-o") { Description = "The weight file to write.", HelpName = "FILE", DefaultValueFactory = _ => "backbone.safetensors" };
    private readonly Option<PretrainingObjective?> objective = new("--objective") { Description = "supervised, simclr (labels unused) or adversarial (for ZARND); supervised by default.", HelpName = "NAME" };
    private readonly Option<string> preset = new("--preset") { Description = "Ready-made options: default (for a GPU), fast (about an hour on a CPU) or tiny (minutes).", HelpName = "NAME", DefaultValueFactory = _ => "default" };
    private readonly Option<string?> config = new("--config") { Description = "JSON file that sets any of the options that --print-config shows.", HelpName = "FILE" };
    private readonly Option<bool> printConfig = new("--print-config") { Description = "Print every option as JSON, the form that --config reads, and stop." };
    private readonly Option<ResNetVariant?> variant = new("--variant") { Description = "resNet18, resNet34, resNet50, resNet101, resNet152 or wideResNet50x2.", HelpName = "NAME" };
    private readonly Option<ResNetStem?> stem = new("--stem") { Description = "cifar, strided or imageNet; cifar up to 64 px, imageNet above.", HelpName = "NAME" };
    private readonly Option<double?> width = new("--width") { Description = "Factor on the width of every layer.", HelpName = "FACTOR", CustomParser = NumberOption.OptionalWithin(1 / 64.0, 4) };
    private readonly Option<int?> epochs = new("--epochs") { Description = "Passes over the images.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, 1_000_000) };
    private readonly Option<int?> batchSize = new("--batch-size") { Description = "Images of one step.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(2, 65536) };
    private readonly Option<double?> epsilon = new("--epsilon") { Description = "Radius of the attack of adversarial, in pixels of [0, 1].", HelpName = "EPS", CustomParser = NumberOption.OptionalWithin(0.0, 1.0) };
    private readonly Option<int?> attackSteps = new("--attack-steps") { Description = "Steps of the attack of adversarial.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, 1000) };
    private readonly Option<int?> imageSize = new("--image-size") { Description = "Side in pixels to which images are resized; by default 32, 64 or 224, whichever holds them.", HelpName = "PIXELS", CustomParser = NumberOption.OptionalWithin(8, 4096) };
    private readonly Option<string[]> excluded = new("--exclude-class") { Description = "Leave this class out, because a detector will be evaluated on it; may be repeated.", HelpName = "CLASS" };
    private readonly Option<bool> coarse = new("--coarse-labels") { Description = "Take CIFAR-100 with its 20 super-classes." };
    private readonly Option<int?> maxTrain = new("--max-train") { Description = "At most this many training images.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(DatasetOptions.FewestTrainingImages, int.MaxValue) };
    private readonly Option<bool> skipUnreadable = new("--skip-unreadable") { Description = "Leave unreadable images out instead of stopping." };
    private readonly Option<long?> memoryLimit = TextOption.OfValue("--memory-limit", "Memory that the decoded images may take.", "2GB", ByteSize.Parse);
    private readonly Option<bool> resume = new("--resume") { Description = "Go on with an interrupted pretraining of this output file." };

    public static Command Create(CommandHost host)
    {
        PretrainCommand pretrain = new();
        Command command = new("pretrain", "Train an in-house backbone on labelled images, for methods that need one.");
        command.Arguments.Add(pretrain.data);
        pretrain.preset.AcceptOnlyFromAmong([.. PretrainingPresets.Names]);
        foreach (Option option in (Option[])
            [
                pretrain.output, pretrain.objective, pretrain.preset, pretrain.config, pretrain.printConfig, pretrain.variant, pretrain.stem, pretrain.width, pretrain.epochs, pretrain.batchSize,
                pretrain.epsilon, pretrain.attackSteps, pretrain.imageSize, pretrain.excluded, pretrain.coarse, pretrain.maxTrain, pretrain.skipUnreadable, pretrain.memoryLimit, pretrain.resume,
            ])
            command.Options.Add(option);
        host.SetAction(command, pretrain.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        bool isPrinted = context.Arguments.GetValue(printConfig);
        string? folder = context.Arguments.GetValue(data);
        if (isPrinted && folder is null)
        {
            Print(context, Resolve(context, context.Arguments.GetValue(imageSize) ?? SizeWithoutData));
            return;
        }

        if (folder is null) throw new UsageException("'pretrain' needs DATA, the folder of a labelled data set.");
        string path = context.Arguments.GetValue(output)!;
        string checkpoint = path + ".checkpoint";
        bool isResumed = context.Arguments.GetValue(resume);
        if (File.Exists(checkpoint) && !isResumed && !isPrinted)
            throw new UsageException($"{checkpoint} holds an unfinished pretraining. Add --resume to go on with it, or delete it.");

        torch.Device device = context.OpenDevice();
        using LabelledImages images = Open(context, folder);
        PretrainingOptions options = Resolve(context, images.Train.Height);
        if (isPrinted)
        {
            Print(context, options);
            return;
        }

        using PretrainedBackbone backbone = context.Console.Track(board => new Pretrainer(options).Train(images, new TrainingSession
        {
            Device = device,
            CheckpointPath = checkpoint,
            Resume = isResumed,
            Progress = new TrainingDisplay(board, options.Epochs),
            Cancellation = context.Cancellation,
        }));
        backbone.Save(path);
        File.Delete(checkpoint);
        Report(context.Console, path, backbone.Record);
    }

    private LabelledImages Open(CommandContext context, string folder)
    {
        LabelledDatasetOptions options = new()
        {
            ImageSize = context.Arguments.GetValue(imageSize),
            ExcludedClasses = context.Arguments.GetValue(excluded) ?? [],
            FineLabels = !context.Arguments.GetValue(coarse),
            MaxTrain = context.Arguments.GetValue(maxTrain),
            SkipUnreadable = context.Arguments.GetValue(skipUnreadable),
            MemoryLimit = context.Arguments.GetValue(memoryLimit),
            Seed = context.Seed ?? 0,
        };
        LabelledImages images = context.Console.Track(board => DatasetLoader.OpenLabelled(folder, options, new ReadingProgress(board), context.Cancellation));
        foreach (UnreadableImage skipped in images.Skipped) context.Console.Warn($"left out {skipped.Source}: {skipped.Reason}");
        context.Console.Say($"{images.Name}: {images.Train.Count} training images of {images.Classes.Count} classes, {images.HeldOut.Count} held out, of {images.Train.Width} × {images.Train.Height} pixels");
        return images;
    }

    private PretrainingOptions Resolve(CommandContext context, int size)
    {
        string name = context.Arguments.GetValue(preset)!;
        string? file = context.Arguments.GetValue(config);
        PretrainingOptions options = Preset(context.Arguments.GetValue(objective) ?? PretrainingObjective.Supervised);
        // A file that names another objective means that objective's preset.
        if (context.Arguments.GetValue(objective) is null) options = Preset(options.Objective);
        options = options with
        {
            Seed = context.Seed ?? options.Seed,
            Objective = context.Arguments.GetValue(objective) ?? options.Objective,
            Network = options.Network with
            {
                Variant = context.Arguments.GetValue(variant) ?? options.Network.Variant,
                Stem = context.Arguments.GetValue(stem) ?? options.Network.Stem,
                WidthFactor = context.Arguments.GetValue(width) ?? options.Network.WidthFactor,
            },
            Attack = options.Attack with
            {
                Epsilon = context.Arguments.GetValue(epsilon) ?? options.Attack.Epsilon,
                Steps = context.Arguments.GetValue(attackSteps) ?? options.Attack.Steps,
            },
            Epochs = context.Arguments.GetValue(epochs) ?? options.Epochs,
            BatchSize = context.Arguments.GetValue(batchSize) ?? options.BatchSize,
        };
        if (options.Objective != PretrainingObjective.Adversarial && (context.Arguments.GetValue(epsilon) is not null || context.Arguments.GetValue(attackSteps) is not null))
            throw new UsageException("--epsilon and --attack-steps are for --objective adversarial; the other objectives do not attack.");
        try
        {
            options.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message.Split('\n')[0]);
        }

        return options;

        PretrainingOptions Preset(PretrainingObjective chosen)
        {
            PretrainingOptions made = PretrainingPresets.Get(name, chosen, size);
            return file is null ? made : ConfigurationFile.Apply(made, file);
        }
    }

    private static void Print(CommandContext context, PretrainingOptions options) => context.Console.PrintDocument(JsonSerializer.Serialize(options, CobraJson.Options));

    private static void Report(CommandConsole console, string path, PretrainingRecord record)
    {
        console.Print(string.Create(CultureInfo.InvariantCulture, $"{path}: {record.Description}, trained in {TimeSpan.FromSeconds(Math.Round(record.TrainingSeconds)):c} on {record.Images} images"));
        if (record.Accuracy is { } accuracy)
        {
            string by = record.Objective == PretrainingObjective.Simclr ? ", by nearest class mean" : "";
            string attacked = record.RobustAccuracy is { } robust ? string.Create(CultureInfo.InvariantCulture, $", {robust:0.0%} under attack") : "";
            console.Print(string.Create(CultureInfo.InvariantCulture, $"accuracy on {record.HeldOutImages} held-out images of {record.Classes.Count} classes{by}: {accuracy:0.0%}{attacked}"));
        }

        console.Say($"Use it with: cobra train DATA --method dn2 --backbone {path}");
        console.PrintJson(new { Backbone = path, Record = record });
    }
}
