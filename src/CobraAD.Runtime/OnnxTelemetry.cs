using System.Runtime.InteropServices;

namespace CobraAD.Runtime;

/// <summary>
/// Keeps ONNX Runtime to itself. Its official builds send usage data to their maker over the network, and write an identifier of the
/// machine and a queue of events below the user's home; a scoring service in a factory does neither.
/// </summary>
/// <remarks>
/// Its switch is read from the process's environment when the native library starts, so this must run before any other call of it. Whoever
/// wants telemetry sets ORT_DISABLE_TELEMETRY to 0: a variable that is set already is left alone.
/// </remarks>
internal static partial class OnnxTelemetry
{
    private const string Switch = "ORT_DISABLE_TELEMETRY";

    /// <summary>Switches it off for this process.</summary>
    public static void TurnOff()
    {
        if (Environment.GetEnvironmentVariable(Switch) is not null) return;
        // Elsewhere than on Windows .NET keeps a copy of the environment of its own, which native code does not see.
        if (!OperatingSystem.IsWindows()) _ = SetNative(Switch, "1", 0);
        Environment.SetEnvironmentVariable(Switch, "1");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetNative(string name, string value, int overwrite);
}
