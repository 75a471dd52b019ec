using System.Runtime.InteropServices;
using TorchSharp;

namespace CobraAD.Torch;

/// <summary>Prepares the process for libtorch. Call <see cref="Initialize"/> once, before the first tensor is made.</summary>
public static partial class TorchRuntime
{
    private static readonly Lock Gate = new();
    private static bool initialized;

    /// <summary>Sets the thread counts and OpenMP's waiting policy, then loads libtorch. Later calls only change the thread count.</summary>
    /// <param name="options">How many threads tensor operations use and how idle ones wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static void Initialize(TorchRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        lock (Gate)
        {
            if (!initialized)
            {
                // libgomp reads its environment once, when it is loaded; .NET's own setter is invisible to native getenv.
                if (options.Threads > 0) SetNativeVariable("OMP_NUM_THREADS", options.Threads.ToString());
                if (!options.SpinWhileIdle) SetNativeVariable("GOMP_SPINCOUNT", "0");
                initialized = true;
            }

            if (options.Threads > 0) torch.set_num_threads(options.Threads);
        }
    }

    private static void SetNativeVariable(string name, string value)
    {
        if (OperatingSystem.IsLinux()) _ = SetEnvironment(name, value, 1);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
