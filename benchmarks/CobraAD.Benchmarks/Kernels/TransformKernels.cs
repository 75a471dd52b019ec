using BenchmarkDotNet.Attributes;
using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using CobraAD.Transforms.Light;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Kernels;

/// <summary>Every transform on a batch of 32 images of 32 × 32.</summary>
public class TransformKernels
{
    private Generator rng = null!;
    private Tensor images = null!;
    private IImageTransform transform = null!;

    public static IEnumerable<string> Names => HardTransforms.All.Select(hard => hard.Name).Append("light");

    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        rng = new Generator(1, CPU);
        images = rand([32, 3, 32, 32], generator: rng);
        transform = Name == "light" ? new LightAugmentation() : HardTransforms.Named([Name])[0];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        images.Dispose();
        rng.Dispose();
    }

    [Benchmark]
    public void Apply()
    {
        using IDisposable frozen = no_grad();
        if (transform is IMixingTransform mixing) mixing.Apply(images, images, rng).Dispose();
        else transform.Apply(images, rng).Dispose();
    }
}
