using System.CommandLine;
using CobraAD.Torch;
using TorchSharp;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra info</c>: the system that cobra runs on.</summary>
internal static class InfoCommand
{
    public static Command Create(CommandHost host)
    {
        Command command = new("info", "Show this system: libtorch, threads and devices.");
        host.SetAction(command, Run);
        return command;
    }

    private static void Run(CommandContext context)
    {
        TorchRuntimeInfo runtime = context.LoadTorch();
        int cudaDevices = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        context.Console.Print($"libtorch      {runtime.Version?.ToString() ?? "unknown version"} in {runtime.LibTorchFolder}");
        context.Console.Print($"threads       {torch.get_num_threads()} of {Environment.ProcessorCount} usable cores");
        context.Console.Print($"CUDA devices  {cudaDevices}");
        context.Console.PrintJson(new
        {
            LibtorchFolder = runtime.LibTorchFolder,
            LibtorchVersion = runtime.Version?.ToString(),
            Threads = torch.get_num_threads(),
            UsableCores = Environment.ProcessorCount,
            CudaDevices = cudaDevices,
            runtime.NativeLibraries,
        });
    }
}
