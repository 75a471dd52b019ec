using BenchmarkDotNet.Attributes;
using CobraAD.Networks;
using CobraAD.Optimization;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Kernels;

/// <summary>One update of a ResNet-18's eleven million weights.</summary>
public class OptimizerKernels
{
    private CobraNetwork network = null!;
    private Optimizer optimizer = null!;

    [Params("lars", "sgd", "adam")]
    public string Name { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        using Generator rng = new(1, CPU);
        network = new CobraNetwork(new CobraNetworkOptions(), rng);
        foreach (TorchSharp.Modules.Parameter parameter in network.parameters()) parameter.grad = ones_like(parameter);
        optimizer = Optimizers.Create(new OptimizerOptions { Name = Name }, network.named_parameters());
        optimizer.LearningRate = 1e-6;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        optimizer.Dispose();
        network.Dispose();
    }

    [Benchmark]
    public void Step() => optimizer.Step();
}
