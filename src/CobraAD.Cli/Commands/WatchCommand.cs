using System.CommandLine;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Values;
using CobraAD.Server;
using CobraAD.Server.Watching;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra watch FOLDER --model MODEL.onnx</c>: scores files as they arrive.</summary>
internal sealed class WatchCommand
{
    private readonly Argument<string> folder = new("FOLDER") { Description = "The folder to watch." };
    private readonly Option<string?> model = new("--model", "-m") { Description = "A model made by 'cobra export'.", HelpName = "MODEL" };
    private readonly Option<string?> then = new("--then") { Description = "What happens to a scored file: move (to normal, anomalous, refused; the default), tag (a .cobra.json beside it) or leave.", HelpName = "ACTION" };
    private readonly Option<string?> into = new("--into") { Description = "Where files are moved to; the watched folder by default.", HelpName = "FOLDER" };
    private readonly Option<string?> csv = new("--csv") { Description = "Append each result to this CSV file.", HelpName = "FILE" };
    private readonly Option<string?> lines = new("--json-lines") { Description = "Append each result to this file as a line of JSON.", HelpName = "FILE" };
    private readonly Option<string?> mqtt = new("--mqtt") { Description = "Publish each result: [mqtt[s]://][user:password@]host[:port]/topic.", HelpName = "ADDRESS" };
    private readonly ServiceArguments shared = new();

    public static Command Create(CommandHost host)
    {
        WatchCommand watch = new();
        Command command = new("watch", "Score the images that arrive in a folder, and move or tag them.");
        command.Arguments.Add(watch.folder);
        foreach (Option option in (Option[])[watch.model, watch.then, watch.into, watch.csv, watch.lines, watch.mqtt]) command.Options.Add(option);
        watch.shared.AddTo(command);
        host.SetAction(command, watch.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        ExportedModel.Require(context.Arguments.GetValue(model));
        (string Name, Option<string?> Option)[] own = [("Model", model), ("Watch:Then", then), ("Watch:Into", into), ("Watch:Csv", csv), ("Watch:JsonLines", lines), ("Watch:Mqtt", mqtt)];
        Dictionary<string, string?> settings = shared.Read(context.Arguments, own);
        settings["Watch:Folder"] = context.Arguments.GetValue(folder);
        shared.Guard(settings, () => CobraWatch.RunAsync(settings, new ConsoleSink(context.Console), context.Cancellation), own);
    }

    /// <summary>Prints each result: a line for people, or a line of JSON.</summary>
    private sealed class ConsoleSink(CommandConsole console) : IPartSink
    {
        public Task WriteAsync(WatchedPart part, CancellationToken cancellation)
        {
            console.Print(FormattableString.Invariant($"{part.Decision,-9}  {part.Result?.Score,9:0.000000}  {part.File}{(part.Refusal is null ? "" : $": {part.Refusal}")}"));
            if (console.IsJson) console.PrintDocument(part.ToJson());
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
