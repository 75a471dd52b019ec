using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Torch;

/// <summary>
/// While it lives, convolutions and matrix products of this thread take and give bfloat16; sums, exponentials and the like stay in
/// float32 (libtorch's autocast). TorchSharp has no access to it; the functions are libtorch's own exports.
/// </summary>
/// <remarks>Put it around forward passes only: a backward pass follows the types of the forward pass by itself.</remarks>
internal sealed unsafe class AutocastScope : IDisposable
{
    private static readonly Lazy<Functions> Native = new(Functions.Find);

    private readonly sbyte device;
    private readonly bool wasEnabled;
    private readonly sbyte typeBefore;

    /// <param name="device">Whose operations are cast.</param>
    /// <exception cref="NotSupportedException">The loaded libtorch does not export what is needed.</exception>
    public AutocastScope(DeviceType device)
    {
        SignalStack.Widen();
        Functions native = Native.Value;
        this.device = (sbyte)device;
        wasEnabled = native.IsEnabled(this.device) != 0;
        typeBefore = native.TypeOf(this.device);
        native.SetType(this.device, (sbyte)ScalarType.BFloat16);
        native.SetEnabled(this.device, 1);
        _ = native.Enter();
    }

    public void Dispose()
    {
        Functions native = Native.Value;
        // The cache holds the weights that were cast; a step that changes the weights must not find the old ones.
        if (native.Leave() == 0) native.ClearCache();
        native.SetEnabled(device, wasEnabled ? (byte)1 : (byte)0);
        native.SetType(device, typeBefore);
    }

    /// <summary>at::autocast's functions: a device or scalar type is an int8, a bool a byte.</summary>
    private sealed class Functions
    {
        public required delegate* unmanaged<sbyte, byte> IsEnabled { get; init; }

        public required delegate* unmanaged<sbyte, byte, void> SetEnabled { get; init; }

        public required delegate* unmanaged<sbyte, sbyte> TypeOf { get; init; }

        public required delegate* unmanaged<sbyte, sbyte, void> SetType { get; init; }

        public required delegate* unmanaged<int> Enter { get; init; }

        public required delegate* unmanaged<int> Leave { get; init; }

        public required delegate* unmanaged<void> ClearCache { get; init; }

        public static Functions Find()
        {
            string path = NativeTorch.CoreInProcess();
            nint library = NativeLibrary.Load(path);
            return new Functions
            {
                IsEnabled = (delegate* unmanaged<sbyte, byte>)Export("is_autocast_enabled", "EN3c1010DeviceTypeE"),
                SetEnabled = (delegate* unmanaged<sbyte, byte, void>)Export("set_autocast_enabled", "EN3c1010DeviceTypeEb"),
                TypeOf = (delegate* unmanaged<sbyte, sbyte>)Export("get_autocast_dtype", "EN3c1010DeviceTypeE"),
                SetType = (delegate* unmanaged<sbyte, sbyte, void>)Export("set_autocast_dtype", "EN3c1010DeviceTypeENS1_10ScalarTypeE"),
                Enter = (delegate* unmanaged<int>)Export("increment_nesting", "Ev"),
                Leave = (delegate* unmanaged<int>)Export("decrement_nesting", "Ev"),
                ClearCache = (delegate* unmanaged<void>)Export("clear_cache", "Ev"),
            };

            nint Export(string function, string arguments) =>
                NativeLibrary.TryGetExport(library, $"_ZN2at8autocast{function.Length}{function}{arguments}", out nint address)
                    ? address
                    : throw new NotSupportedException($"{path} exports no at::autocast::{function}, without which there is no training in bfloat16. Use libtorch 2.10, or train in float32.");
        }
    }
}
