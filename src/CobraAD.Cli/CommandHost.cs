using System.CommandLine;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal;

namespace CobraAD.Cli;

/// <summary>Runs the commands' work: reads the options that all share, and turns exceptions into messages and exit codes.</summary>
internal sealed class CommandHost(TextWriter output, TextWriter error, bool isTerminal)
{
    public GlobalArguments Global { get; } = new();

    /// <summary>Says what a command does when it is chosen.</summary>
    /// <param name="command">The command.</param>
    /// <param name="work">Its work; may throw.</param>
    public void SetAction(Command command, Action<CommandContext> work) =>
        command.SetAction((result, cancellation) => Task.FromResult(Run(work, result, cancellation)));

    /// <summary>Where to read how a command is used.</summary>
    public static string HelpHint(ParseResult result) =>
        $"See '{(result.CommandResult.Command is RootCommand ? "cobra" : $"cobra {result.CommandResult.Command.Name}")} --help'.";

    private int Run(Action<CommandContext> work, ParseResult result, CancellationToken cancellation)
    {
        CommandConsole console = new(output, error, isTerminal) { IsQuiet = result.GetValue(Global.Quiet), IsJson = result.GetValue(Global.Json) };
        try
        {
            work(new CommandContext(result, Global, console, cancellation));
            return ExitCode.Success;
        }
        catch (Exception exception)
        {
            FailureReport report = FailureReport.Of(exception);
            foreach (string line in report.Lines) error.WriteLine(Visible.Of(line));
            if (report.ExitCode == ExitCode.Usage) error.WriteLine(HelpHint(result));
            if (Environment.GetEnvironmentVariable("COBRA_DEBUG") is "1") error.WriteLine(exception);
            return report.ExitCode;
        }
    }
}
