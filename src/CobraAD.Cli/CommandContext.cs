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
            TensorFloat32 = arguments.GetValue(global.TensorFloat32) switch { true => TensorFloat32Use.Always, false => TensorFloat32Use.Never, null => TensorFloat32Use.Training },
        });
        if (runtime.Warning is { } warning) console.Warn(warning);
        return runtime;
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(character => char.IsLetterOrDigit(character) || "-_./:,=+%@".Contains(character, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
