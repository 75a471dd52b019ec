using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Torch;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training.Pretraining;

/// <summary>
/// SimCLR (Chen et al. 2020): of all views in the batch an embedding is to be nearest to the other view of its own image, by NT-Xent,
/// Σ (log Z - S_p). Labels are used for measuring only.
/// </summary>
internal sealed class ContrastiveTask(PretrainingOptions options, FeatureNetwork network, Generator rng) : PretrainingTask(network)
{
    private readonly ProjectionHead head = new(network.FeatureSize, options.EmbeddingSize, rng);
    private readonly ContrastiveLoss loss = ContrastiveLosses.Create(options.Contrastive);
    private readonly LightAugmentation augmentation = new(options.Augmentation);

    public override nn.Module<Tensor, Tensor> Head => head;

    public override Tensor Loss(Tensor images, Tensor labels, RandomStreams streams, int epoch, int step)
    {
        using Generator views = streams.Create("views", epoch, step);
        Tensor both = cat([augmentation.Apply(images, views), augmentation.Apply(images, views)]);
        PairLayout layout = new((int)images.size(0), PairLayout.LightViews) { HasAnomalies = false };
        return loss.Outer(head.call(Network.call(both)), layout);
    }

    /// <summary>There is no classifier: a class is the mean direction of its training features.</summary>
    public override PretrainingRecord Measure(PretrainingRecord record, MeasuredImages images, RandomStreams streams)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using FeatureNetwork folded = Network.Fold();
        Tensor sums = zeros(images.Classes, Network.FeatureSize, device: images.Device);
        images.ForEachTrained((batch, labels) => sums.index_add_(0, labels, UnitLength.Of(folded.call(batch)), 1));
        Tensor means = UnitLength.Of(sums);
        return record with { Accuracy = images.Accuracy((batch, _, _) => nn.functional.linear(UnitLength.Of(folded.call(batch)), means)) };
    }
}
