using CobraAD.Losses;
using CobraAD.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training;

/// <summary>
/// The gradient of a loss that couples all rows, with the maps of only some rows in memory (gradient caching, Gao et al. 2021): embed
/// all rows without a graph, differentiate the loss with respect to the embeddings, then embed part by part again with a graph and
/// carry those gradients on to the weights.
/// </summary>
/// <remarks>
/// By the chain rule exact for a network whose rows do not meet. Batch normalisation in training mode lets them meet: here they meet
/// within a part, in both passes alike, so the gradient is exactly that of the loss of a batch that is normalised part by part.
/// </remarks>
internal static class ChunkedBackward
{
    /// <summary>Adds the gradients of the loss to the weights; the caller disposes the parts of the loss, which carry no graph.</summary>
    /// <param name="network">In the mode to train in; its running statistics move once.</param>
    /// <param name="rows">Images [rows, 3, H, W] in [0, 1].</param>
    /// <param name="rowsAtOnce">Most rows of one pass, at least 2.</param>
    /// <param name="loss">The loss of what the network says about all rows; the features carry no gradient.</param>
    public static ObjectiveParts Run(CobraNetwork network, Tensor rows, int rowsAtOnce, Func<CobraOutput, ObjectiveParts> loss)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] parts = Parts(rows, rowsAtOnce);
        Tensor order = cat(parts);
        CobraOutput all = Embed(network, rows, parts, order);
        ObjectiveParts found = loss(all);
        // Embeddings and logits are leaves, so this stops at them; what the loss itself made with the network's heads goes on to these.
        found.Total.backward();

        foreach (Tensor part in parts)
        {
            using DisposeScope partScope = NewDisposeScope();
            CobraOutput output = network.call(rows.index_select(0, part));
            (Tensor Found, Tensor Leaf)[] outputs = [(output.Embeddings, all.Embeddings), (output.Logits, all.Logits)];
            // A loss need not look at both: L_CLS alone leaves the embeddings without a gradient.
            stack([.. outputs.Where(pair => pair.Leaf.grad is not null).Select(pair => (pair.Found * pair.Leaf.grad!.index_select(0, part)).sum())]).sum().backward();
        }

        return new ObjectiveParts(
            found.Total.detach().MoveToOuterDisposeScope(), found.Contrastive.detach().MoveToOuterDisposeScope(), found.Classification.detach().MoveToOuterDisposeScope());
    }

    /// <summary>Every k-th row: each part has rows of every view and of both classes, as the whole has.</summary>
    internal static Tensor[] Parts(Tensor rows, int rowsAtOnce)
    {
        long count = (rows.size(0) + rowsAtOnce - 1) / rowsAtOnce;
        return [.. Enumerable.Range(0, (int)count).Select(first => arange(first, rows.size(0), count, ScalarType.Int64, rows.device))];
    }

    /// <summary>What the network says about all rows, with embeddings and logits as leaves of a new graph.</summary>
    private static CobraOutput Embed(CobraNetwork network, Tensor rows, Tensor[] parts, Tensor order)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        // The second pass moves the running statistics; this one must not.
        using AttackMode mode = new(network, batchStatistics: network.training);
        List<Tensor> features = [], embeddings = [], logits = [];
        foreach (Tensor part in parts)
        {
            using DisposeScope partScope = NewDisposeScope();
            CobraOutput output = network.call(rows.index_select(0, part));
            features.Add(output.Features.MoveToOuterDisposeScope());
            embeddings.Add(output.Embeddings.MoveToOuterDisposeScope());
            logits.Add(output.Logits.MoveToOuterDisposeScope());
        }

        Tensor place = order.argsort();
        return new CobraOutput(
            cat(features).index_select(0, place).MoveToOuterDisposeScope(), cat(embeddings).index_select(0, place).requires_grad_().MoveToOuterDisposeScope(),
            cat(logits).index_select(0, place).requires_grad_().MoveToOuterDisposeScope());
    }
}
