using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.Torch;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Training;

/// <summary>
/// Algorithm 1 of the paper for one batch: craft pseudo-anomalies, make two light views of everything, attack the images themselves,
/// and descend on the loss of the three views.
/// </summary>
internal sealed class TrainingStep(
    CobraNetwork network, IAnomalySource source, LightAugmentation light, CobraObjective objective, InnerMaximization? attack, Optimizer optimizer,
    RandomStreams streams)
{
    /// <summary>Trains on one batch of normal images [b, 3, H, W].</summary>
    public StepOutcome Run(Tensor normals, double learningRate, int epoch, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        PairLayout layout = new((int)normals.size(0), attack is null ? 2 : 3);
        (Tensor images, Tensor views) = Views(normals, epoch, step);

        double? gain = attack is null ? 0 : null;
        if (attack is not null)
        {
            using Generator rng = streams.Create("attack", epoch, step);
            // Folding reads the weights once and saves a fifth of every pass of the attack; with batch statistics it cannot be done.
            using CobraNetwork? folded = attack.Options.BatchStatistics ? null : network.Fold();
            CobraNetwork attacked = folded ?? network;
            Tensor keys = attack.EncodeKeys(attacked, views);
            AdversarialBatch adversarial = attack.Run(attacked, images, keys, layout, objective, rng, measureEnd: step == 0);
            views = cat([views, adversarial.Images]);
            if (adversarial.ObjectiveAtEnd is { } end) gain = (end - adversarial.ObjectiveAtStart).mean().item<float>();
        }

        network.train();
        CobraOutput output = network.call(views);
        ObjectiveParts loss = objective.Outer(output.Embeddings, output.Logits, layout);
        optimizer.ZeroGradients();
        loss.Total.backward();
        optimizer.LearningRate = learningRate;
        optimizer.Step();
        return new StepOutcome(
            (int)normals.size(0), loss.Total.item<float>(), loss.Contrastive.item<float>(), loss.Classification.item<float>(), gain);
    }

    /// <summary>Normals and pseudo-anomalies as they are [2b], and both light views of them, view-major [4b].</summary>
    private (Tensor Images, Tensor Views) Views(Tensor normals, int epoch, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using Generator craft = streams.Create("pseudo-anomalies", epoch, step);
        using Generator augment = streams.Create("views", epoch, step);
        Tensor images = cat([normals, source.Craft(normals, craft)]);
        Tensor views = cat([light.Apply(images, augment), light.Apply(images, augment)]);
        return (images.MoveToOuterDisposeScope(), views.MoveToOuterDisposeScope());
    }
}
