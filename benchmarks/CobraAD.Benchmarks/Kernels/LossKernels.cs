using BenchmarkDotNet.Attributes;
using CobraAD.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Kernels;

/// <summary>The training loss and its gradient with respect to embeddings of 128 numbers, three views.</summary>
public class LossKernels
{
    private readonly CobraObjective objective = new(ContrastiveLosses.Create(new ContrastiveLossOptions()));
    private PairLayout layout = null!;
    private Tensor embeddings = null!;
    private Tensor logits = null!;

    [Params(16, 128)]
    public int Normals { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        using Generator rng = new(1, CPU);
        layout = new PairLayout(Normals, 3);
        embeddings = randn([layout.Rows, 128], generator: rng);
        logits = randn([layout.Rows, 2], generator: rng);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        embeddings.Dispose();
        logits.Dispose();
    }

    [Benchmark]
    public void Outer()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor leaf = embeddings.detach().requires_grad_();
        autograd.backward([objective.Outer(leaf, logits, layout).Total], inputs: [leaf]);
    }

    [Benchmark]
    public void Inner()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor leaf = embeddings.narrow(0, 0, layout.Samples).detach().requires_grad_();
        Tensor keys = embeddings.narrow(0, 0, 2 * layout.Samples);
        autograd.backward([objective.Inner(leaf, logits.narrow(0, 0, layout.Samples), keys, layout).sum()], inputs: [leaf]);
    }
}
