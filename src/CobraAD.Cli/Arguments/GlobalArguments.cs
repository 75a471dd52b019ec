using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Values;
using CobraAD.Torch;

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

    public Option<string?> Device { get; } = TextOption.Of(
        "--device", "cpu, cuda or cuda:N; CUDA needs COBRA_LIBTORCH to name the lib folder of a libtorch built for it.", "DEVICE", ReadDevice);

    // An option that is true or false would leave any other word to the command, which takes it for a file.
    public Option<TensorFloat32Use?> TensorFloat32 { get; } = TextOption.OfValue(
        "--tf32", "On CUDA, round float32 to TF32 in products and convolutions: faster, less exact. By default in training only; '--tf32 false' never.", "true|false", ReadUse);

    public Option<long?> Seed { get; } = new("--seed") { Description = "Fixes everything random.", HelpName = "N", Recursive = true, CustomParser = NumberOption.OptionalWithin(0, long.MaxValue) };

    public void AddTo(Command root)
    {
        Device.DefaultValueFactory = _ => "cpu";
        Device.Recursive = TensorFloat32.Recursive = true;
        foreach (Option option in (Option[])[Quiet, Json, Threads, Device, TensorFloat32, Seed]) root.Options.Add(option);
    }

    /// <summary>What <c>--tf32</c> is given for a use.</summary>
    public static string Word(TensorFloat32Use use) => use == TensorFloat32Use.Always ? "true" : "false";

    private static TensorFloat32Use ReadUse(string text) => bool.TryParse(text, out bool isUsed)
        ? isUsed ? TensorFloat32Use.Always : TensorFloat32Use.Never
        : throw new FormatException($"'{text}' is neither true nor false.");

    /// <summary>Whether it could be a device; whether this machine has it, only libtorch knows.</summary>
    private static string ReadDevice(string text)
    {
        string[] parts = text.Split(':');
        bool isCuda = parts[0].Equals("cuda", StringComparison.OrdinalIgnoreCase)
            && (parts.Length == 1 || (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out _)));
        return isCuda || text.Equals("cpu", StringComparison.OrdinalIgnoreCase) ? text : throw new FormatException($"'{text}' is not a device; expected cpu, cuda, or cuda:N with the number of a GPU, from 0.");
    }
}
