using System.Text.Json;
using CobraAD.Cli.Terminal.Boards;
using CobraAD.Serialization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CobraAD.Cli.Terminal;

/// <summary>
/// Where a command writes. Results go to standard output; progress and remarks go to standard error, so that results can be piped.
/// With <c>--json</c> the only thing on standard output is one JSON object.
/// </summary>
internal sealed class CommandConsole(TextWriter output, TextWriter error, bool isTerminal)
{
    /// <summary>Wide enough that no table wraps in a log file.</summary>
    private const int RedirectedWidth = 160;

    public bool IsQuiet { get; init; }

    public bool IsJson { get; init; }

    /// <summary>A remark: what is being done, what to do next.</summary>
    public void Say(string line)
    {
        if (!IsQuiet) error.WriteLine(Visible.Of(line));
    }

    /// <summary>Something the user should know although the command goes on; shown even with <c>--quiet</c>.</summary>
    public void Warn(string line) => error.WriteLine($"warning: {Visible.Of(line)}");

    /// <summary>Something without which the result misleads: it stands at the top of the result, and with <c>--json</c> on standard error besides the JSON's own.</summary>
    public void PrintWarning(string line)
    {
        if (IsJson) Warn(line);
        else output.WriteLine($"warning: {line}");
    }

    /// <summary>One line of the result, for people.</summary>
    public void Print(string line)
    {
        if (!IsJson) output.WriteLine(Visible.Of(line));
    }

    /// <summary>A result that is the same for people and machines, such as a CSV table or a configuration.</summary>
    public void PrintDocument(string text) => output.WriteLine(text);

    /// <summary>A table or another figure of the result, for people.</summary>
    public void Print(IRenderable figure)
    {
        if (!IsJson) Ansi(output, !System.Console.IsOutputRedirected && output == System.Console.Out).Write(figure);
    }

    /// <summary>The result for machines; printed with <c>--json</c> only.</summary>
    public void PrintJson<T>(T result)
    {
        if (IsJson) output.WriteLine(JsonSerializer.Serialize(result, CobraJson.Options));
    }

    /// <summary>Runs work that takes a while and shows how far it is.</summary>
    /// <param name="work">The work; it runs on the calling thread and announces its parts.</param>
    public T Track<T>(Func<IProgressBoard, T> work)
    {
        if (IsQuiet) return work(new SilentBoard());
        if (!isTerminal) return work(new LineBoard(error, TimeProvider.System));
        return Ansi(error, isTerminal: true).Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new LiveBoard(context)));
    }

    private static IAnsiConsole Ansi(TextWriter writer, bool isTerminal)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal) console.Profile.Width = RedirectedWidth;
        return console;
    }
}
