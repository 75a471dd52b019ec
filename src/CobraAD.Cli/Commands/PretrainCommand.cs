using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Networks.Backbones;
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
    private readonly PretrainingArguments training = new();
    private readonly ReadingArguments reading = new();
    private readonly Option<string[]> excluded = new("--exclude-class") { Description = "Leave this class out, because a detector will be evaluated on it; may be repeated.", HelpName = "CLASS" };
    private readonly Option<bool> coarse = new("--coarse-labels") { Description = "Take CIFAR-100 with its 20 super-classes." };
    private readonly Option<bool> replace = TrainCommand.ReplaceOption();
    private readonly Option<bool> resume = new("--resume") { Description = "Go on with an interrupted pretraining of this output file." };

    public static Command Create(CommandHost host)
    {
        PretrainCommand pretrain = new();
        Command command = new("pretrain", "Train an in-house backbone on labelled images, for methods that need one.");
        command.Arguments.Add(pretrain.data);
        command.Options.Add(pretrain.output);
        pretrain.training.AddTo(command);
        ReadingArguments reading = pretrain.reading;
        foreach (Option option in (Option[])
            [reading.ImageSize, pretrain.excluded, pretrain.coarse, reading.MaxTrain, reading.SkipUnreadable, reading.MemoryLimit, reading.Cache, pretrain.replace, pretrain.resume])
            command.Options.Add(option);
        host.SetAction(command, pretrain.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        bool isPrinted = training.IsPrintConfig(context);
        string? folder = context.Arguments.GetValue(data);
        if (isPrinted && folder is null)
        {
            PretrainingArguments.Print(context, training.Resolve(context, context.Arguments.GetValue(reading.ImageSize) ?? SizeWithoutData));
            return;
        }

        if (folder is null) throw new UsageException("'pretrain' needs DATA, the folder of a labelled data set.");
        string path = context.Arguments.GetValue(output)!;
        string checkpoint = path + ".checkpoint";
        bool isResumed = context.Arguments.GetValue(resume);
        InputFile.ExistingPath(data.Name, folder);
        if (!isPrinted) OutputFile.RequireCheckpoint(output.Name, checkpoint, isResumed, "pretraining");
        if (!isPrinted) OutputFile.RequireNew(output.Name, path, context.Arguments.GetValue(replace), replace.Name);

        // What is wrong with the options is said before images are read.
        _ = training.Resolve(context, context.Arguments.GetValue(reading.ImageSize) ?? SizeWithoutData);
        torch.Device device = context.OpenDevice();
        using LabelledImages images = Open(context, folder);
        PretrainingOptions options = training.Resolve(context, images.Train.Height);
        if (isPrinted)
        {
            PretrainingArguments.Print(context, options);
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
            ImageSize = context.Arguments.GetValue(reading.ImageSize),
            ExcludedClasses = context.Arguments.GetValue(excluded) ?? [],
            FineLabels = !context.Arguments.GetValue(coarse),
            MaxTrain = context.Arguments.GetValue(reading.MaxTrain),
            SkipUnreadable = context.Arguments.GetValue(reading.SkipUnreadable),
            MemoryLimit = context.Arguments.GetValue(reading.MemoryLimit),
            CacheFolder = reading.CacheOf(context),
            Seed = context.Seed ?? 0,
        };
        LabelledImages images = context.Console.Track(board => DatasetLoader.OpenLabelled(folder, options, new ReadingProgress(board), context.Cancellation));
        ReadingArguments.Warn(context, images.Skipped);
        context.Console.Say($"{images.Name}: {images.Train.Count} training images of {images.Classes.Count} classes, {images.HeldOut.Count} held out, of {images.Train.Width} × {images.Train.Height} pixels");
        reading.SayWhere(context, options.CacheFolder, images.Train, images.HeldOut);
        return images;
    }

    private static void Report(CommandConsole console, string path, PretrainingRecord record)
    {
        console.Print(string.Create(CultureInfo.InvariantCulture, $"{path}: {record.Description}, trained in {Duration.InWords(TimeSpan.FromSeconds(record.TrainingSeconds))} on {record.Images} images"));
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
