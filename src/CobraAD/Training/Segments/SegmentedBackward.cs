using CobraAD.Losses;
using CobraAD.Memory;
using CobraAD.Networks;
using CobraAD.Training.Parallel;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Segments;

/// <summary>
/// The gradient of one pass in training mode, with little of the pass in memory: the encoder is passed segment by segment, forwards
/// without a graph and backwards with the convolutions done again, and each segment in parts of the rows. Between passes only the
/// segments' inputs of all rows are kept.
/// </summary>
/// <remarks>
/// Exact up to rounding. Rows meet in two places: in the loss, which sees the features of all of them at once, and in batch
/// normalisation, whose statistics and their gradients are sums over all parts (<see cref="PartwiseNormalization"/>). The rows of other
/// ranks are parts like any other: their features come into the loss, and the sums go over all ranks.
/// </remarks>
internal static class SegmentedBackward
{
    /// <summary>
    /// Adds the gradients of the loss to the weights and, where they want theirs, to the rows; the caller disposes the parts of the loss,
    /// which carry no graph.
    /// </summary>
    /// <param name="network">In training mode; its running statistics move once.</param>
    /// <param name="rows">Images [rows, 3, H, W] in [0, 1].</param>
    /// <param name="rowsAtOnce">Most rows of one convolution.</param>
    /// <param name="loss">The loss of what the network says about all rows, those of other ranks included.</param>
    /// <param name="shared">
    /// The rows that ranks share, of which <paramref name="rows"/> are this one's; <see langword="null"/> when these are all. The gradients
    /// are then this rank's share, to be summed over all.
    /// </param>
    public static ObjectiveParts Run(CobraNetwork network, Tensor rows, int rowsAtOnce, Func<CobraOutput, ObjectiveParts> loss, RankRows? shared = null)
    {
        using DisposeScope scope = NewDisposeScope();
        // What the attack freed.
        NativeHeap.Trim();
        SegmentPass[] passes = [.. network.Encoder.Segments().Select(segment => new SegmentPass(network, segment, shared?.Share.Ranks))];
        Tensor[] maps = passes.Aggregate(rows.detach().split(rowsAtOnce), (parts, pass) => pass.Forward(parts));

        Tensor own = Means(maps), features = (shared is null ? own : shared.Gather(own)).requires_grad_();
        ObjectiveParts found = loss(network.Heads(features));
        found.Total.backward();

        // Every rank has the whole gradient of the heads; one of them brings it in.
        if (shared?.Share.Ranks.Rank > 0) foreach (Tensor weight in network.Projection.parameters().Concat(network.Classifier.parameters())) weight.grad?.zero_();

        Tensor[] gradients = BelowMeans(maps, shared is null ? features.grad! : shared.Select(features.grad!));
        for (int i = passes.Length - 1; i >= 0; i--) gradients = passes[i].Backward(gradients, toInput: i > 0 || rows.requires_grad);
        if (rows.requires_grad) autograd.backward([rows], [cat(gradients)]);
        return new ObjectiveParts(
            found.Total.detach().MoveToOuterDisposeScope(), found.Contrastive.detach().MoveToOuterDisposeScope(), found.Classification.detach().MoveToOuterDisposeScope());
    }

    /// <summary>Features of all rows. In float32 even where maps are bfloat16, for the sake of their gradient.</summary>
    private static Tensor Means(Tensor[] maps)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = cat([.. maps.Select(map => map.mean([2, 3]))]);
        return (features.dtype == ScalarType.BFloat16 ? features.to(ScalarType.Float32) : features).MoveToOuterDisposeScope();
    }

    /// <summary>The gradient of the features back through mean and ReLU of the last maps, which it replaces.</summary>
    private static Tensor[] BelowMeans(Tensor[] maps, Tensor gradient)
    {
        Tensor[] below = new Tensor[maps.Length];
        long first = 0;
        for (int part = 0; part < maps.Length; part++)
        {
            using DisposeScope scope = NewDisposeScope();
            using Tensor map = maps[part];
            Tensor ofMean = gradient.narrow(0, first, map.size(0)) / (map.size(2) * map.size(3));
            below[part] = (map.sign() * ofMean.to(map.dtype).unsqueeze(-1).unsqueeze(-1)).MoveToOuterDisposeScope();
            first += map.size(0);
        }

        return below;
    }
}
