using System.CommandLine;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Values;
using CobraAD.Server;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra serve MODEL.onnx</c>: the scoring service and its page.</summary>
internal sealed class ServeCommand
{
    private readonly Argument<string[]> models = new("MODEL")
    {
        Description = "A model made by 'cobra export'; several, as NAME=MODEL or called by their files, for several products.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> urls = new("--urls") { Description = "Where to listen; http://127.0.0.1:8080 by default.", HelpName = "URLS" };
    private readonly Option<string?> data = new("--data") { Description = "Where the service keeps its files; cobra-data by default.", HelpName = "FOLDER" };
    private readonly Option<string[]> watch = new("--watch") { Description = "Also score the images that arrive in this folder; with several products, PRODUCT=FOLDER for each.", HelpName = "FOLDER", DefaultValueFactory = _ => [] };
    private readonly Option<string?> otlp = new("--otlp") { Description = "Send metrics and traces to this OTLP address.", HelpName = "URL" };
    private readonly ServiceArguments shared = new();

    public static Command Create(CommandHost host)
    {
        ServeCommand serve = new();
        Command command = new("serve", "Serve a model: HTTP API, operator's page, results in a database.\n\nOptions can also be set in appsettings.json (section \"Cobra\") and in the environment (COBRA_MODEL, COBRA_API_KEY, …).");
        command.Arguments.Add(serve.models);
        foreach (Option option in (Option[])[serve.urls, serve.data, serve.watch, serve.otlp]) command.Options.Add(option);
        serve.shared.AddTo(command);
        host.SetAction(command, serve.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        (string Name, Option<string?> Option)[] own = [("Urls", urls), ("DataFolder", data), ("OtlpEndpoint", otlp)];
        Dictionary<string, string?> settings = shared.Read(context.Arguments, own);
        foreach ((string name, string value) in ServedModels.Settings(context.Arguments.GetValue(models) ?? [], context.Arguments.GetValue(watch)!)) settings[name] = value;
        shared.Guard(settings, () => CobraServer.RunAsync(settings, context.Cancellation), own);
    }
}
