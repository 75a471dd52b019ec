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
        using Tensor images = Craft(normals, epoch, step);
        if (attack?.Options.Replays > 0) return Replay(attack, images, layout, learningRate, epoch, step);

        Tensor views = Views(images, epoch, step, replay: 0);
        (double? Gain, double? Strength) measured = (attack is null ? 0 : null, null);
        if (attack is not null)
        {
            (Tensor attacked, measured) = Attack(attack, images, views, layout, epoch, step);
            views = cat([views, attacked]);
        }

        return Outcome(Update(views, layout, learningRate), layout, measured);
    }

    /// <summary>
    /// Free adversarial training (Shafahi et al. 2019): each update's backward pass also gives the gradient of the attacked images,
    /// which take one step along its sign before the next update of the same batch.
    /// </summary>
    private StepOutcome Replay(InnerMaximization attack, Tensor images, PairLayout layout, double learningRate, int epoch, int step)
    {
        InnerMaximizationOptions options = attack.Options;
        using EpsilonBox box = new(images, options.Epsilon);
        using Generator rng = streams.Create("attack", epoch, step);
        using Tensor start = box.Start(options.Start, rng), current = start.clone();
        for (int replay = 0; ; replay++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor views = Views(images, epoch, step, replay);
            Tensor attacked = current.clone().requires_grad_();
            ObjectiveParts loss = Update(cat([views, attacked]), layout, learningRate);
            box.Move(current, attacked.grad!.sign_(), options.StepSize ?? options.Epsilon);
            if (replay == options.Replays - 1) return Outcome(loss, layout, (step == 0 ? Gain(views) : null, null));
        }

        // Against the network as the updates left it, so it can be negative where they moved it far.
        double Gain(Tensor views)
        {
            using DisposeScope scope = NewDisposeScope();
            using CobraNetwork folded = network.Fold();
            Tensor keys = attack.EncodeKeys(folded, views, rowsAtOnce);
            return (Evaluate(current) - Evaluate(start)).mean().item<float>();

            Tensor Evaluate(Tensor points) => attack.Evaluate(folded, points, keys, layout, objective, rowsAtOnce);
        }
    }

    private ObjectiveParts Update(Tensor views, PairLayout layout, double learningRate)
    {
        network.train();
        optimizer.ZeroGradients();
        ObjectiveParts loss = Descend(views, layout);
        optimizer.LearningRate = learningRate;
        optimizer.Step();
        return loss;
    }

    /// <summary>The numbers of a step, fetched from the device at once.</summary>
    private static StepOutcome Outcome(ObjectiveParts loss, PairLayout layout, (double? Gain, double? Strength) measured)
    {
        using Tensor values = stack([loss.Total.detach(), loss.Contrastive.detach(), loss.Classification.detach()]).to(ScalarType.Float32).cpu();
        float[] fetched = values.data<float>().ToArray();
        return new StepOutcome(layout.Pairs, fetched[0], fetched[1], fetched[2], measured.Gain, measured.Strength);
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

        (_, double? strongerGain) = Climb(new InnerMaximization(attack.Options.Plain(attack.Options.CheckSteps)), "attack check");
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

    /// <summary>Normals and pseudo-anomalies as they are, [2b, 3, H, W]; half of that without pseudo-anomalies.</summary>
    private Tensor Craft(Tensor normals, int epoch, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using Generator craft = streams.Create("pseudo-anomalies", epoch, step);
        return (source.Craft(normals, craft) is { } crafted ? cat([normals, crafted]) : normals.clone()).MoveToOuterDisposeScope();
    }

    /// <summary>Both light views of the images, view-major, [4b, 3, H, W].</summary>
    private Tensor Views(Tensor images, int epoch, int step, int replay)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using Generator augment = replay == 0 ? streams.Create("views", epoch, step) : streams.Create("views", epoch, step, replay);
        return cat([light.Apply(images, augment), light.Apply(images, augment)]).MoveToOuterDisposeScope();
    }
}
