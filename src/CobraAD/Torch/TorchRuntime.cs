using System.Runtime.InteropServices;
using TorchSharp;

namespace CobraAD.Torch;

/// <summary>
/// Prepares the process for libtorch: which libtorch is loaded, how many threads it uses, how idle ones wait. Whoever wants other options than
/// the default calls <see cref="Initialize"/> once, first of all; otherwise the library does so before it makes its first tensor. A program
/// that makes a tensor before it calls the library gets the libtorch that TorchSharp finds.
/// </summary>
public static partial class TorchRuntime
{
    /// <summary>The environment variable that names the folder of another libtorch, for example one with CUDA.</summary>
    public const string LibTorchVariable = "COBRA_LIBTORCH";

    private static readonly Lock Gate = new();
    private static TorchRuntimeInfo? info;

    /// <summary>Sets the thread counts and OpenMP's waiting policy, then loads libtorch. Later calls only change the thread count and the use of TF32.</summary>
    /// <param name="options">Which libtorch, how many threads tensor operations use and how idle ones wait.</param>
    /// <returns>What was loaded.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The process does not run on Linux x64.</exception>
    /// <exception cref="TorchLoadException">A native library is missing or does not fit this system; the message says which and what helps.</exception>
    public static TorchRuntimeInfo Initialize(TorchRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        lock (Gate)
        {
            if (info is null)
            {
                RequireLinuxX64();
                // libgomp reads its environment once, when it is loaded; .NET's own setter is invisible to native getenv.
                if (options.Threads > 0) _ = SetEnvironment("OMP_NUM_THREADS", options.Threads.ToString(), overwrite: 1);
                // What the user said about waiting stands.
                if (!options.SpinWhileIdle && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
                    _ = SetEnvironment("GOMP_SPINCOUNT", "0", overwrite: 0);

                string? folder = options.LibTorchFolder ?? Environment.GetEnvironmentVariable(LibTorchVariable);
                info = NativeTorch.Load(string.IsNullOrEmpty(folder) ? null : folder);
                // libtorch starts one thread per core of the machine; a container may use fewer.
                if (options.Threads == 0 && torch.get_num_threads() > Environment.ProcessorCount) torch.set_num_threads(Environment.ProcessorCount);
            }

            if (options.Threads > 0) torch.set_num_threads(options.Threads);
            TensorFloat32.Use = options.TensorFloat32;
            return info;
        }
    }

    /// <summary>
    /// Loads libtorch with the default options unless that has been done. It stands where the library itself first needs libtorch: it draws
    /// random numbers, decodes images, reads a model file or opens a device.
    /// </summary>
    /// <remarks>
    /// A module initializer would need one line instead of these, but it runs before any method of the library: it would load half a gigabyte
    /// for <c>cobra --help</c>, and would have chosen threads and libtorch before a program's own call of <see cref="Initialize"/> can. Nor can the
    /// loader be asked to call back: TorchSharp opens "libtorch_cpu.so" by name, and a libtorch of the system is found before anybody is asked.
    /// </remarks>
    internal static void EnsureInitialized()
    {
        if (info is null) Initialize(new TorchRuntimeOptions());
    }

    /// <summary>Finds a device by name and makes sure that it works.</summary>
    /// <param name="name">"cpu", "cuda" or "cuda:N".</param>
    /// <exception cref="ArgumentException">The name is none of these.</exception>
    /// <exception cref="InvalidOperationException">The loaded libtorch or this machine has no such device.</exception>
    public static torch.Device OpenDevice(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        EnsureInitialized();
        if (name.Equals("cpu", StringComparison.OrdinalIgnoreCase)) return torch.CPU;

        int index = 0;
        bool isCuda = name.Equals("cuda", StringComparison.OrdinalIgnoreCase)
            || (name.StartsWith("cuda:", StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(5), out index) && index >= 0);
        if (!isCuda) throw new ArgumentException($"Expected a device \"cpu\", \"cuda\" or \"cuda:N\", found \"{name}\".", nameof(name));

        if (!torch.cuda.is_available())
        {
            throw new InvalidOperationException(
                $"The device \"{name}\" is not available: the libtorch in {info!.LibTorchFolder} has no CUDA, or finds no GPU and driver. "
                + $"Set {LibTorchVariable} to the lib folder of a libtorch 2.10 built for CUDA, or use the device \"cpu\".");
        }

        int count = torch.cuda.device_count();
        return index < count
            ? torch.device(DeviceType.CUDA, index)
            : throw new InvalidOperationException($"The device \"{name}\" does not exist: this machine has {count} CUDA device(s), numbered from 0.");
    }

    private static void RequireLinuxX64()
    {
        if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64) return;
        throw new PlatformNotSupportedException(
            $"CobraAD runs on Linux x64; this process runs on {RuntimeInformation.RuntimeIdentifier}. TorchSharp 0.107.0's Windows build does not "
            + "load with its own libtorch (dotnet/TorchSharp issue 1567) and there are no packages for Arm. On Windows use WSL 2 or a Linux x64 container.");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
