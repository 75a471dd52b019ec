using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace CobraAD.Reporting;

/// <summary>With what and on what a report was made.</summary>
public sealed record ReportEnvironment
{
    /// <summary>Version of CobraAD.</summary>
    public required string Library { get; init; }

    /// <summary>Version of TorchSharp.</summary>
    public required string TorchSharp { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>The operating system.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The processor.</summary>
    public required string Processor { get; init; }

    /// <summary>Where tensors lived: "cpu", "cuda:0", …</summary>
    public required string Device { get; init; }

    /// <summary>Threads of one tensor operation.</summary>
    public required int Threads { get; init; }

    /// <summary>This process on this machine.</summary>
    /// <param name="device">Where tensors live.</param>
    public static ReportEnvironment Current(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new ReportEnvironment
        {
            Library = VersionOf(typeof(ReportEnvironment)),
            TorchSharp = VersionOf(typeof(torch)),
            Runtime = RuntimeInformation.FrameworkDescription,
            OperatingSystem = RuntimeInformation.OSDescription,
            Processor = ProcessorName(),
            Device = device.ToString(),
            Threads = torch.get_num_threads(),
        };
    }

    private static string VersionOf(Type type)
    {
        string version = type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        // "1.2.3+commit": twelve digits of the commit tell enough.
        int build = version.IndexOf('+', StringComparison.Ordinal);
        return build >= 0 && version.Length > build + 13 ? version[..(build + 13)] : version;
    }

    private static string ProcessorName()
    {
        const string key = "model name";
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(text => text.StartsWith(key, StringComparison.Ordinal)) : null;
        string name = line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        return $"{name}, {Environment.ProcessorCount} logical cores";
    }
}
