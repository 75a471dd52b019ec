using BenchmarkDotNet.Attributes;
using CobraAD.Benchmarks.Macro;
using CobraAD.PseudoAnomalies.Crafting;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Kernels;

/// <summary>Υ for 16 images of 32 × 32, with and without the filter's classifier.</summary>
public class CraftingKernels
{
    private Scene scene = null!;
    private PseudoAnomalyGenerator filtered = null!;
    private Generator rng = null!;

    [GlobalSetup]
    public void Setup()
    {
        scene = new Scene(new SceneOptions { Width = 0.25 });
        filtered = scene.Filtered();
        rng = new Generator(1, CPU);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        filtered.Dispose();
        scene.Dispose();
        rng.Dispose();
    }

    [Benchmark]
    public void Unfiltered() => scene.Unfiltered.Craft(scene.Normals, rng).Dispose();

    [Benchmark]
    public void Filtered() => filtered.Craft(scene.Normals, rng).Dispose();
}
