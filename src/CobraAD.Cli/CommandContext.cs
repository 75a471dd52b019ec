using System.CommandLine;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal;
using CobraAD.Torch;
using TorchSharp;

namespace CobraAD.Cli;

/// <summary>What a command gets to work with.</summary>
internal sealed class CommandContext(ParseResult arguments, GlobalArguments global, CommandConsole console, CancellationToken cancellation)
{
    private torch.Device? device;

    public ParseResult Arguments => arguments;

    public CommandConsole Console => console;

    public CancellationToken Cancellation => cancellation;

    /// <summary>This process as one of several that share the command's work; <see langword="null"/> when it is alone.</summary>
    public RankedProcess? Process { get; init; }

    /// <summary>The command as a shell reads it back, for reports.</summary>
    public string CommandLine => $"cobra {string.Join(' ', arguments.Tokens.Select(token => Quoted(token.Value)))}";

    /// <summary>The seed given on the command line; <see langword="null"/> when none was.</summary>
    public long? Seed => arguments.GetValue(global.Seed);

    /// <summary>Whether the command line gives an option, and not its default.</summary>
    public bool IsGiven(Option option) => arguments.GetResult(option) is { Implicit: false };

    /// <summary>Options that do nothing alone are refused where the one that they belong to is missing: who gives them expects something.</summary>
    /// <param name="isThere">Whether it is there.</param>
    /// <param name="partner">What they need, as a user gives it.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="UsageException">One of them is given alone.</exception>
    public void RequirePartner(bool isThere, string partner, params ReadOnlySpan<Option> options)
    {
        if (isThere) return;
        foreach (Option option in options)
        {
            if (IsGiven(option)) throw new UsageException($"{option.Name} needs {partner}; without it nothing comes of it. Add that, or leave {option.Name} out.");
        }
    }

    /// <summary>Loads libtorch and opens the device that the command line names.</summary>
    public torch.Device OpenDevice()
    {
        if (device is not null) return device;
        LoadTorch();
        return device = TorchRuntime.OpenDevice(arguments.GetValue(global.Device)!);
    }

    /// <summary>Loads libtorch with the threads and the exactness that the command line names.</summary>
    public TorchRuntimeInfo LoadTorch()
    {
        TorchRuntimeInfo runtime = TorchRuntime.Initialize(new TorchRuntimeOptions
        {
            Threads = arguments.GetValue(global.Threads) is var threads and > 0 ? threads : Process?.Threads ?? 0,
            TensorFloat32 = arguments.GetValue(global.TensorFloat32) ?? TensorFloat32Use.Training,
        });
        if (runtime.Warning is { } warning) console.Warn(warning);
        return runtime;
    }

    /// <summary>What a process that does a part of this command's work is told of the options that all commands have.</summary>
    public IEnumerable<string> GlobalOptions()
    {
        foreach (string word in (string[])["--threads", $"{arguments.GetValue(global.Threads)}", "--device", arguments.GetValue(global.Device)!]) yield return word;
        if (arguments.GetValue(global.TensorFloat32) is not { } use) yield break;
        yield return global.TensorFloat32.Name;
        yield return GlobalArguments.Word(use);
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(character => char.IsLetterOrDigit(character) || "-_./:,=+%@".Contains(character, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
