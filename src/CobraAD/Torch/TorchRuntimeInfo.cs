namespace CobraAD.Torch;

/// <summary>The libtorch that this process runs on.</summary>
/// <param name="LibTorchFolder">The folder that libtorch_cpu.so was loaded from.</param>
/// <param name="Version">Its version; <see langword="null"/> when it is too old to tell (before 2.6).</param>
/// <param name="NativeLibraries">The files of libtorch, TorchSharp's native half and OpenMP that are in the process.</param>
/// <param name="Warning">What to tell the user about it, e.g. that its version is not the one TorchSharp was built for.</param>
public sealed record TorchRuntimeInfo(string LibTorchFolder, Version? Version, IReadOnlyList<string> NativeLibraries, string? Warning);
