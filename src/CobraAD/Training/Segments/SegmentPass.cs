using CobraAD.Memory;
using CobraAD.Mpi;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Segments;

/// <summary>One step's way through a <see cref="ResNetSegment"/>, forwards and backwards: y = ReLU(Σ branches of x).</summary>
internal sealed class SegmentPass(CobraNetwork network, ResNetSegment segment, IRanks? ranks)
{
    private readonly BranchPass[] branches = [.. segment.Branches.Select(branch => new BranchPass(network, segment, branch, ranks))];
    private IReadOnlyList<Tensor> inputs = [];

    /// <summary>The output for all parts; the caller disposes it.</summary>
    /// <param name="parts">The input, each [n, channels, height, width]; taken over until <see cref="Backward"/>.</param>
    public Tensor[] Forward(IReadOnlyList<Tensor> parts)
    {
        using IDisposable frozen = no_grad();
        inputs = parts;
        Tensor[] sums = branches[0].Forward(inputs);
        foreach (BranchPass branch in branches.Skip(1))
        {
            foreach ((Tensor sum, Tensor map) in sums.Zip(branch.Forward(inputs)))
            {
                sum.add_(map);
                map.Dispose();
            }
        }

        foreach (Tensor sum in sums) sum.relu_();
        NativeHeap.Trim();
        return sums;
    }

    /// <summary>Adds the gradients of the segment's weights and releases its input.</summary>
    /// <param name="gradients">Of the loss with respect to what the last ReLU sees of all parts; disposed.</param>
    /// <param name="toInput">Whether the gradient of the input is wanted.</param>
    /// <returns>Of the loss with respect to what the ReLU of the segment below sees, or to the images; the caller disposes it.</returns>
    public Tensor[] Backward(IReadOnlyList<Tensor> gradients, bool toInput)
    {
        Tensor[] leaves = [.. inputs.Select(input => input.detach().requires_grad_(toInput))];
        foreach (Tensor input in inputs) input.Dispose();
        foreach (BranchPass branch in branches) branch.Backward(leaves, gradients);
        foreach (Tensor gradient in gradients) gradient.Dispose();
        Tensor[] below = toInput ? [.. leaves.Select(Below)] : [];
        foreach (Tensor leaf in leaves) leaf.Dispose();
        NativeHeap.Trim();
        return below;
    }

    /// <summary>Every map but the images comes from a ReLU.</summary>
    private Tensor Below(Tensor leaf)
    {
        using DisposeScope scope = NewDisposeScope();
        return (segment.TakesImages ? leaf.grad! : BranchPass.ThroughRelu(leaf, leaf.grad!)).MoveToOuterDisposeScope();
    }
}
