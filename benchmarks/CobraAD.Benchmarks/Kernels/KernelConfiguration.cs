using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace CobraAD.Benchmarks.Kernels;

internal static class KernelConfiguration
{
    /// <summary>In this process, which has libtorch and its thread count: a generated project would have neither.</summary>
    public static IConfig Create() => DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(new InProcessEmitToolchain(TimeSpan.FromMinutes(10), logOutput: false)));
}
