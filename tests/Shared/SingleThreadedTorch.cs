using System.Runtime.CompilerServices;
using CobraAD.Torch;

namespace CobraAD.Testing;

internal static class SingleThreadedTorch
{
    [ModuleInitializer]
    internal static void Apply() => TorchRuntime.Initialize(new TorchRuntimeOptions { Threads = 1 });
}
