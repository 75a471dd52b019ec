using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using CobraAD.Cli.Commands;
using CobraAD.Cli.Configuration;

namespace CobraAD.Cli;

/// <summary>The program: its commands, and the rules that all of them share.</summary>
internal sealed class CobraApplication
{
    /// <summary>Letters that may be wrong in a word before guessing at it helps nobody.</summary>
    private const int MostTypos = 3;

    private readonly RootCommand root;
    private readonly TextWriter output;
    private readonly TextWriter error;

    /// <summary>Builds the command tree; touches neither torch nor the terminal.</summary>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where progress, warnings and errors go.</param>
    /// <param name="isTerminal">Whether <paramref name="error"/> is a terminal, which can show live bars.</param>
    public CobraApplication(TextWriter output, TextWriter error, bool isTerminal)
    {
        this.output = output;
        this.error = error;
        CommandHost host = new(output, error, isTerminal);
        root = new RootCommand("Adversarially robust image anomaly detection (COBRA).\n\nExit codes: 0 done, 1 failure, 2 wrong usage, 130 cancelled.");
        host.Global.AddTo(root);
        foreach (Func<CommandHost, Command> create in (Func<CommandHost, Command>[])
            [
                DemoCommand.Create, CheckCommand.Create, TrainCommand.Create, CompareCommand.Create, ScoreCommand.Create, UpdateCommand.Create, EvaluateCommand.Create, AuditCommand.Create,
                CertifyCommand.Create, CraftCommand.Create, ExportCommand.Create,
                PretrainCommand.Create, ServeCommand.Create, WatchCommand.Create, InfoCommand.Create, MethodsCommand.Create, DatasetsCommand.Create, ReproduceCommand.Create,
            ])
            root.Subcommands.Add(create(host));
    }

    /// <summary>The names of all commands.</summary>
    public IEnumerable<string> CommandNames => root.Subcommands.Select(command => command.Name);

    /// <summary>Parses and runs one command line.</summary>
    /// <returns>The process's exit code, one of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation = default)
    {
        ParseResult result = root.Parse(arguments.Count == 0 ? ["--help"] : arguments);
        if (MisspeltOption(result) is { } option)
        {
            await error.WriteLineAsync($"Unrecognized option '{option}'.{Suggestion(result, option)}\n\n{CommandHost.HelpHint(result)}");
            return ExitCode.Usage;
        }

        if (FlagWithWord(arguments, result) is var (flag, word))
        {
            await error.WriteLineAsync($"{flag} is true or false, found '{word}'.\n\n{CommandHost.HelpHint(result)}");
            return ExitCode.Usage;
        }

        if (MisspeltCommand(result) is { } command)
        {
            string nearest = Spelling.Nearest(command, CommandNames);
            string meant = Spelling.Mistakes(command, nearest) <= Math.Min(MostTypos, command.Length / 2) ? $" Did you mean '{nearest}'?" : "";
            await error.WriteLineAsync($"There is no command '{command}'.{meant}\n\n{CommandHost.HelpHint(result)}");
            return ExitCode.Usage;
        }

        bool isUsageError = result.Action is ParseErrorAction;
        if (result.Action is ParseErrorAction parseError) parseError.ShowHelp = false;

        // Signals are handled by InterruptSignal: a training run may take longer to stop than the parser's two seconds.
        InvocationConfiguration configuration = new() { Output = isUsageError ? error : output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        int exitCode;
        try
        {
            exitCode = await result.InvokeAsync(configuration, cancellation);
        }
        catch (IOException exception)
        {
            // Help and version are the parser's own; commands say what failed themselves.
            await error.WriteLineAsync($"error: nothing can be written to the standard output: {exception.Message}");
            return ExitCode.Failure;
        }

        if (!isUsageError) return exitCode;

        await error.WriteLineAsync(CommandHost.HelpHint(result));
        return ExitCode.Usage;
    }

    /// <summary>The parser takes an unknown option for an argument where one is missing; a file of that name can be given after "--".</summary>
    private static string? MisspeltOption(ParseResult result) => result.Tokens
        .TakeWhile(token => token.Type != TokenType.DoubleDash)
        .FirstOrDefault(token => token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal))?.Value;

    /// <summary>The parser leaves the word of <c>--quiet=word</c> to the command, which takes it for a file.</summary>
    private (string Flag, string Word)? FlagWithWord(IReadOnlyList<string> arguments, ParseResult result)
    {
        foreach (string argument in arguments.TakeWhile(argument => argument != "--"))
        {
            string[] parts = argument.Split('=', 2);
            if (parts.Length == 2 && !bool.TryParse(parts[1], out _)
                && result.CommandResult.Command.Options.Concat(root.Options).Any(option => option.ValueType == typeof(bool) && (option.Name == parts[0] || option.Aliases.Contains(parts[0]))))
                return (parts[0], parts[1]);
        }

        return null;
    }

    /// <summary>The parser would guess at each word that follows, too.</summary>
    private string? MisspeltCommand(ParseResult result) =>
        result.CommandResult.Command == root && result.UnmatchedTokens is [var name, ..] && !name.StartsWith('-') ? name : null;

    /// <summary>The option that was probably meant, where one is near.</summary>
    private string Suggestion(ParseResult result, string option)
    {
        string name = option.Split('=', 2)[0];
        string nearest = Spelling.Nearest(name, result.CommandResult.Command.Options.Concat(root.Options).Select(known => known.Name));
        return Spelling.Mistakes(name, nearest) <= MostTypos ? $" Did you mean '{nearest}'?" : "";
    }
}
