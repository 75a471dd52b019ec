using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Maintenance;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra update MODEL PARTS…</c></summary>
internal sealed class UpdateCommand
{
    private readonly Argument<string> model = new("MODEL") { Description = "A .cobra file." };
    private readonly Argument<string[]> parts = new("PARTS") { Description = "Image files of good parts, and folders that are searched at any depth.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> output = new("--output", "-o", "--out") { Description = "The model file to write; by default MODEL with .updated before its ending.", HelpName = "FILE" };
    private readonly Option<bool> inPlace = new("--in-place") { Description = "Replace MODEL itself, when all is done." };
    private readonly Option<bool> replace = TrainCommand.ReplaceOption();
    private readonly Option<bool> thresholdOnly = new("--threshold-only") { Description = "Set the threshold anew from all parts, and add none to the bank." };
    private readonly Option<string[]> accept = new("--accept") { Description = "A file to take although it is unlike good parts; may be given again.", HelpName = "FILE", DefaultValueFactory = _ => [] };
    private readonly Option<double> refuseBelow = new("--refuse-below")
    {
        Description = "Refuse parts whose score a good part reaches with at most this chance; 0 refuses none.",
        HelpName = "P",
        DefaultValueFactory = _ => new UpdateOptions().RefuseBelow,
        CustomParser = NumberOption.Within(0, 0.5),
    };

    private readonly Option<double?> falseAlarms = new("--false-alarms")
    {
        Description = "The share of good parts that a new threshold may call anomalous; by default the model's.",
        HelpName = "RATE",
        CustomParser = NumberOption.OptionalWithin(1e-6, 0.999),
    };

    public static Command Create(CommandHost host)
    {
        UpdateCommand update = new();
        Command command = new("update", "Add good parts to a model's bank and set its threshold anew, without training; what is unlike good parts is refused and listed.");
        command.Arguments.Add(update.model);
        command.Arguments.Add(update.parts);
        foreach (Option option in (Option[])[update.output, update.inPlace, update.replace, update.thresholdOnly, update.accept, update.refuseBelow, update.falseAlarms]) command.Options.Add(option);
        host.SetAction(command, update.Run);
        return command;
    }

    /// <summary>One line of a model's history.</summary>
    public static string Describe(ModelUpdate update) => string.Create(
        CultureInfo.InvariantCulture,
        $"{update.When:yyyy-MM-dd HH:mm} UTC from {update.From}: {update.Added} added to the bank, {update.ForThreshold} for the threshold, {update.Refused} refused{(update.AcceptedByName == 0 ? "" : $", {update.AcceptedByName} accepted by name")}; threshold {update.Before.Threshold:G6} → {update.After.Threshold:G6}; {update.Fingerprint[..16]}…");

    private void Run(CommandContext context)
    {
        string path = context.Arguments.GetValue(model)!;
        if (context.Arguments.GetValue(inPlace) && context.Arguments.GetValue(output) is not null) throw new UsageException("--in-place and --output exclude each other.");
        string target = context.Arguments.GetValue(inPlace) ? path : context.Arguments.GetValue(output) ?? Path.ChangeExtension(path, $"updated{Path.GetExtension(path)}");
        OutputFile.RequireNew(output.Name, target, context.Arguments.GetValue(inPlace) || context.Arguments.GetValue(replace), replace.Name);
        string[] sources = context.Arguments.GetValue(parts)!;
        InputFile.Existing(model.Name, path);
        foreach (string source in sources) InputFile.ExistingPath(parts.Name, source);
        using ITrainedDetector detector = Detector.Load(path, context.OpenDevice());
        UpdateOptions options = new()
        {
            RefuseBelow = context.Arguments.GetValue(refuseBelow),
            Accept = context.Arguments.GetValue(accept)!,
            FalseAlarmRate = context.Arguments.GetValue(falseAlarms),
            ThresholdOnly = context.Arguments.GetValue(thresholdOnly),
            Seed = context.Seed ?? 0,
        };
        UpdateResult result = context.Console.Track(board => detector.Update(sources, options, new ReadingProgress(board), context.Cancellation));
        detector.Save(target);
        Report(context.Console, target, result);
    }

    private static void Report(CommandConsole console, string target, UpdateResult result)
    {
        foreach (UnreadableImage image in result.Unreadable) console.Warn($"cannot read {image.Source}: {image.Reason}");
        foreach (RefusedPart part in result.Refused)
            console.Print(string.Create(CultureInfo.InvariantCulture, $"{(part.AcceptedByName ? "accepted" : "refused")}  {part.Path}: score {part.Score:0.000}, reached by a good part with a chance of {part.PValue:0.######}"));
        if (result.Refused.Any(part => !part.AcceptedByName)) console.Say("Look at what was refused; what is good nevertheless is taken with --accept FILE.");
        if (result.Known.Count > 0) console.Say($"{result.Known.Count} {(result.Known.Count == 1 ? "image is" : "images are")} known to the model already, or there twice, and left out: {string.Join(", ", result.Known.Take(3))}{(result.Known.Count > 3 ? ", …" : "")}");
        console.Print($"{target}: {result.Update.Added} parts added to the bank, {result.Update.ForThreshold} others for the threshold");
        console.Print(string.Create(CultureInfo.InvariantCulture, $"threshold {result.Update.Before.Threshold:G10} → {result.Update.After.Threshold:G10}"));
        console.Print(result.Update.Promise);
        console.PrintJson(new { Model = target, Update = result.Update with { Marks = null }, result.Refused, result.Known, result.Unreadable });
    }
}
