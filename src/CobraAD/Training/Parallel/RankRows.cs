using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Parallel;

/// <summary>The rows of a batch that each rank computes.</summary>
internal sealed class RankRows
{
    private readonly RankShare share;
    private readonly long[][] rows;
    private readonly Tensor order;

    internal RankRows(RankShare share, long[][] rows, Device device)
    {
        this.share = share;
        this.rows = rows;
        Own = tensor(rows[share.Ranks.Rank], device: device);
        order = tensor(rows.SelectMany(own => own).ToArray(), device: device);
    }

    /// <summary>int64: the rows of this rank.</summary>
    public Tensor Own { get; }

    public RankShare Share => share;

    /// <summary>What all ranks found about their rows, in the order of the batch; the caller disposes it. No gradient passes: see <see cref="Select"/>.</summary>
    /// <param name="found">[own rows, d].</param>
    /// <returns>[all rows, d].</returns>
    public Tensor Gather(Tensor found)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor own = found.detach().cpu().contiguous(), all = zeros([order.size(0), found.size(1)], found.dtype);
        int width = checked((int)(found.size(1) * found.element_size()));
        share.Ranks.Gather(own.bytes, all.bytes, [.. rows.Select(of => of.Length * width)]);
        Tensor gathered = all.to(found.device);
        return gathered.new_zeros(gathered.shape).index_copy_(0, order, gathered).MoveToOuterDisposeScope();
    }

    /// <summary>This rank's rows of something of all rows; the caller disposes them.</summary>
    /// <remarks>
    /// Of the gradient of a loss that every rank computes from what <see cref="Gather"/> gave, these are the exact gradients of the rank's own
    /// rows: each rank has the whole loss, so nothing is to be added.
    /// </remarks>
    public Tensor Select(Tensor all) => all.index_select(0, Own);
}
