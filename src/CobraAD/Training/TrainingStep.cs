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
    CobraNetwork network, AnomalySupply source, LightAugmentation light, CobraObjective objective, Optimizer optimizer, RandomStreams streams, int rowsAtOnce)
{
    /// <summary>Trains on one batch of normal images [b, 3, H, W].</summary>
    public StepOutcome Run(Tensor normals, InnerMaximization? attack, double learningRate, int epoch, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        PairLayout layout = new((int)normals.size(0), attack is null ? 2 : 3) { HasAnomalies = source.Source is not null };
        (Tensor images, Tensor views) = Views(normals, epoch, step);

        (double? Gain, double? Strength) measured = (attack is null ? 0 : null, null);
        if (attack is not null)
        {
            (Tensor attacked, measured) = Attack(attack, images, views, layout, epoch, step);
            views = cat([views, attacked]);
        }

        network.train();
        optimizer.ZeroGradients();
        ObjectiveParts loss = Descend(views, layout);
        optimizer.LearningRate = learningRate;
        optimizer.Step();
        return new StepOutcome(
            (int)normals.size(0), loss.Total.item<float>(), loss.Contrastive.item<float>(), loss.Classification.item<float>(), measured.Gain, measured.Strength);
    }

    /// <summary>The attacked images, and in the first step of an epoch what the attack gained and how that compares with a stronger one.</summary>
    private (Tensor Images, (double? Gain, double? Strength) Measured) Attack(
        InnerMaximization attack, Tensor images, Tensor views, PairLayout layout, int epoch, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        // Folding reads the weights once and saves 5-20 % of every pass of the attack; with batch statistics it cannot be done.
        using CobraNetwork? folded = attack.Options.BatchStatistics ? null : network.Fold();
        CobraNetwork attacked = folded ?? network;
        Tensor keys = attack.EncodeKeys(attacked, views, rowsAtOnce);
        (Tensor found, double? gain) = Climb(attack, "attack");
        if (step > 0 || attack.Options.CheckSteps == 0) return (found.MoveToOuterDisposeScope(), (gain, null));

        InnerMaximization stronger = new(attack.Options with { Steps = attack.Options.CheckSteps, FirstSteps = null, StepSize = null, StopCrossed = false });
        (_, double? strongerGain) = Climb(stronger, "attack check");
        return (found.MoveToOuterDisposeScope(), (gain, gain / strongerGain));

        (Tensor Images, double? Gain) Climb(InnerMaximization climber, string purpose)
        {
            using Generator rng = streams.Create(purpose, epoch, step);
            AdversarialBatch result = climber.Run(attacked, images, keys, layout, objective, rng, measureEnd: step == 0, rowsAtOnce);
            return (result.Images, result.ObjectiveAtEnd is { } end ? (end - result.ObjectiveAtStart).mean().item<float>() : null);
        }
    }

    private ObjectiveParts Descend(Tensor views, PairLayout layout)
    {
        if (rowsAtOnce > 0 && rowsAtOnce < layout.Rows) return ChunkedBackward.Run(network, views, layout, objective, rowsAtOnce);
        CobraOutput output = network.call(views);
        ObjectiveParts loss = objective.Outer(output.Embeddings, output.Logits, layout);
        loss.Total.backward();
        return loss;
    }

    /// <summary>Normals and pseudo-anomalies as they are [2b], and both light views of them, view-major [4b]; half of that without pseudo-anomalies.</summary>
    private (Tensor Images, Tensor Views) Views(Tensor normals, int epoch, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using Generator craft = streams.Create("pseudo-anomalies", epoch, step);
        using Generator augment = streams.Create("views", epoch, step);
        Tensor images = source.Craft(normals, craft) is { } crafted ? cat([normals, crafted]) : normals.clone();
        Tensor views = cat([light.Apply(images, augment), light.Apply(images, augment)]);
        return (images.MoveToOuterDisposeScope(), views.MoveToOuterDisposeScope());
    }
}
