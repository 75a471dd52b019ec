using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using CobraAD.Transforms.Light;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Training.Pretraining;

/// <summary>
/// min mean CE(h(φ(x)), y), or, adversarially (Madry et al. 2018), min mean max over ‖δ‖∞ ≤ ε of CE(h(φ(x + δ)), y): the same loss at the
/// point that PGD finds in evaluation mode.
/// </summary>
internal sealed class ClassificationTask(PretrainingOptions options, FeatureNetwork network, int classes, Generator rng) : PretrainingTask(network)
{
    private readonly Linear head = LinearLayer.Create(network.FeatureSize, classes, rng);
    private readonly LightAugmentation augmentation = new(options.Augmentation);
    private readonly InnerMaximization? attack = options.Objective == PretrainingObjective.Adversarial ? new InnerMaximization(options.Attack) : null;

    public override nn.Module<Tensor, Tensor> Head => head;

    /// <summary>The classifier, kept beside the weights.</summary>
    public Linear Classifier => head;

    public override Tensor Loss(Tensor images, Tensor labels, RandomStreams streams, int epoch, int step)
    {
        using Generator views = streams.Create("views", epoch, step);
        Tensor input = augmentation.Apply(images, views);
        if (attack is not null)
        {
            using Generator start = streams.Create("attack", epoch, step);
            // A folded copy is the network in evaluation mode, and cheaper.
            using FeatureNetwork folded = Network.Fold();
            input = Attacked(folded, input, labels, start);
        }

        return nn.functional.cross_entropy(head.call(Network.call(input)), labels);
    }

    public override PretrainingRecord Measure(PretrainingRecord record, MeasuredImages images, RandomStreams streams)
    {
        using FeatureNetwork folded = Network.Fold();
        record = record with { Accuracy = images.Accuracy((batch, _, _) => Logits(folded, batch)) };
        if (attack is null) return record;
        return record with
        {
            Epsilon = options.Attack.Epsilon,
            AttackSteps = options.Attack.Steps,
            RobustAccuracy = images.Accuracy((batch, labels, number) =>
            {
                using Generator start = streams.Create("held-out attack", number);
                return Logits(folded, Attacked(folded, batch, labels, start));
            }),
        };
    }

    private Tensor Attacked(FeatureNetwork folded, Tensor images, Tensor labels, Generator start) => attack!.Climb(
        images, candidates => nn.functional.cross_entropy(head.call(folded.call(candidates)), labels, reduction: nn.Reduction.None), start, measureEnd: false).Images;

    private Tensor Logits(FeatureNetwork folded, Tensor images)
    {
        using IDisposable frozen = no_grad();
        return head.call(folded.call(images));
    }
}
