using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Torch;

/// <summary>Brings tensors from the CPU to where they are needed.</summary>
internal static class DeviceUpload
{
    /// <summary>
    /// The tensor on a device; the caller disposes it. To a CUDA device it goes through page-locked memory and without waiting: work
    /// queued there afterwards finds it, and the page-locked copy is kept by libtorch until it has arrived.
    /// </summary>
    /// <param name="tensor">On the CPU; unchanged.</param>
    /// <param name="device">The CPU when <see langword="null"/>.</param>
    public static Tensor To(Tensor tensor, Device? device)
    {
        if (device is null || device.type != DeviceType.CUDA) return tensor.to(device ?? CPU);
        using Tensor pinned = tensor.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
