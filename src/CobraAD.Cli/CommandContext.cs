using System.CommandLine;
using CobraAD.Cli.Console;
using CobraAD.Torch;
using TorchSharp;

namespace CobraAD.Cli;

/// <summary>What a command gets to work with.</summary>
internal sealed class CommandContext(ParseResult arguments, GlobalOptions global, CommandConsole console, CancellationToken cancellation)
{
    public ParseResult Arguments => arguments;

    public CommandConsole Console => console;

    public CancellationToken Cancellation => cancellation;

    /// <summary>The seed given on the command line; <see langword="null"/> when none was.</summary>
    public long? Seed => arguments.GetValue(global.Seed);

    /// <summary>Loads libtorch and opens the device that the command line names.</summary>
    public torch.Device OpenDevice()
    {
        LoadTorch();
        return TorchRuntime.OpenDevice(arguments.GetValue(global.Device)!);
    }

    /// <summary>Loads libtorch with the threads that the command line names.</summary>
    public TorchRuntimeInfo LoadTorch()
    {
        TorchRuntimeInfo runtime = TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = arguments.GetValue(global.Threads) });
        if (runtime.Warning is { } warning) console.Warn(warning);
        return runtime;
    }
}
