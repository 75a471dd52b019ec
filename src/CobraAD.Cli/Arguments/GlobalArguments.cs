using System.CommandLine;
using CobraAD.Cli.Values;

namespace CobraAD.Cli.Arguments;

/// <summary>The options that every command takes.</summary>
internal sealed class GlobalArguments
{
    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Print results and errors only.", Recursive = true };

    public Option<bool> Json { get; } = new("--json") { Description = "Print one JSON object for machines instead of text.", Recursive = true };

    public Option<int> Threads { get; } = new("--threads")
    {
        Description = "Threads of one tensor operation; 0 uses one per core that this process may use (containers included).",
        HelpName = "N",
        Recursive = true,
        CustomParser = NumberOption.Within(0, 1024),
        DefaultValueFactory = _ => 0,
    };

    public Option<string> Device { get; } = new("--device")
    {
        Description = "cpu, cuda or cuda:N; CUDA needs COBRA_LIBTORCH to name the lib folder of a libtorch built for it.",
        HelpName = "DEVICE",
        Recursive = true,
        DefaultValueFactory = _ => "cpu",
    };

    public Option<bool?> TensorFloat32 { get; } = new("--tf32")
    {
        Description = "On CUDA, round float32 to TF32 in products and convolutions: faster, less exact. By default in training only; '--tf32 false' never.",
        HelpName = "true|false",
        Recursive = true,
    };

    public Option<long?> Seed { get; } = new("--seed") { Description = "Fixes everything random.", HelpName = "N", Recursive = true, CustomParser = NumberOption.OptionalWithin(0, long.MaxValue) };

    public void AddTo(Command root)
    {
        foreach (Option option in (Option[])[Quiet, Json, Threads, Device, TensorFloat32, Seed]) root.Options.Add(option);
    }
}
