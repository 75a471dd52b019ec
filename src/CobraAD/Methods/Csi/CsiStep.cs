using CobraAD.Losses;
using CobraAD.Methods.Common;
using CobraAD.Methods.Shifts;
using CobraAD.Networks;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Csi;

/// <summary>
/// The loss of one training step: NT-Xent over two views of every image under every shift, where other shifts of the same image are negatives like any
/// other image, and the cross-entropy of the shift over all of them.
/// </summary>
internal sealed class CsiStep(CobraNetwork network, CsiOptions options, ShiftViews views, RandomStreams streams)
{
    private readonly ContrastiveLoss contrastive = ContrastiveLosses.Create(new ContrastiveLossOptions { Name = "ntxent", Temperature = options.Temperature });

    /// <summary>The loss, ready to be differentiated; the caller disposes it.</summary>
    public Tensor Loss(EpochBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        int images = (int)batch.Images.size(0);
        Tensor both = Views(batch);
        network.train();
        CobraOutput output = network.call(both);
        return Of(output, images).MoveToOuterDisposeScope();
    }

    /// <summary>The loss of the outputs of two views, each shift-major.</summary>
    internal Tensor Of(CobraOutput output, int images)
    {
        Tensor labels = arange(options.Shifts, ScalarType.Int64, output.Logits.device).repeat_interleave(images).repeat(2);
        Tensor likeness = contrastive.Outer(output.Embeddings, new PairLayout(options.Shifts * images, PairLayout.LightViews) { HasAnomalies = false });
        return likeness + ClassificationLoss.Value(output.Logits, labels);
    }

    private Tensor Views(EpochBatch batch)
    {
        using IDisposable frozen = no_grad();
        using Generator rng = streams.Create("views", batch.Step);
        return cat([views.Draw(batch.Images, rng), views.Draw(batch.Images, rng)]);
    }
}
