using System.CommandLine;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal;
using CobraAD.Mpi;

namespace CobraAD.Cli;

/// <summary>Runs the commands' work: reads the options that all share, and turns exceptions into messages and exit codes.</summary>
internal sealed class CommandHost(TextWriter output, TextWriter error, bool isTerminal)
{
    public GlobalArguments Global { get; } = new();

    /// <summary>Says what a command does when it is chosen.</summary>
    /// <param name="command">The command.</param>
    /// <param name="work">Its work; may throw.</param>
    /// <param name="isShared">Whether processes that mpirun or srun start together share the work.</param>
    public void SetAction(Command command, Action<CommandContext> work, bool isShared = false) =>
        command.SetAction((result, cancellation) => Task.FromResult(Run(work, isShared, result, cancellation)));

    /// <summary>Where to read how a command is used.</summary>
    public static string HelpHint(ParseResult result) =>
        $"See '{(result.CommandResult.Command is RootCommand ? "cobra" : $"cobra {result.CommandResult.Command.Name}")} --help'.";

    private int Run(Action<CommandContext> work, bool isShared, ParseResult result, CancellationToken cancellation)
    {
        RankLaunch? launch = RankLaunch.Detect();
        using RankedProcess? process = isShared && launch is not null ? new RankedProcess(launch) : null;
        bool speaks = process?.Speaks ?? true;
        CommandConsole console = new(speaks ? output : TextWriter.Null, speaks ? error : TextWriter.Null, isTerminal && speaks)
        {
            IsQuiet = result.GetValue(Global.Quiet) || !speaks,
            IsJson = result.GetValue(Global.Json),
        };
        try
        {
            if (launch is not null && !isShared) RankedProcess.Refuse(launch, $"cobra {result.CommandResult.Command.Name}");
            work(new CommandContext(result, Global, console, cancellation) { Process = process });
            return ExitCode.Success;
        }
        catch (Exception exception)
        {
            FailureReport report = FailureReport.Of(exception, name => result.CommandResult.Command.Options.Any(option => option.Name == name));
            if (process is not null)
            {
                process.End(report, error);
                return report.ExitCode;
            }

            foreach (string line in report.Lines) error.WriteLine(Visible.Of(line));
            if (report.ExitCode == ExitCode.Usage) error.WriteLine(HelpHint(result));
            if (Environment.GetEnvironmentVariable("COBRA_DEBUG") is "1") error.WriteLine(exception);
            return report.ExitCode;
        }
    }
}
