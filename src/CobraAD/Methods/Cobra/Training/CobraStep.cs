using CobraAD.Losses;
using CobraAD.Mpi;
using CobraAD.Networks;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using CobraAD.Training.Parallel;
using CobraAD.Training.Segments;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Training;

/// <summary>
/// Algorithm 1 of the paper for one batch: craft pseudo-anomalies, make two light views of everything, attack the images themselves,
/// and descend on the loss of the three views.
/// </summary>
/// <remarks>
/// Pseudo-anomalies may be features F(Υ(x)) instead of images. Then G and H go on from them in every view, and only the normal images
/// are transformed and attacked: there is no image to change. As long as there are none yet, the normal images are contrasted alone.
///
/// Ranks share a batch: every rank draws and transforms all of it, attacks its own samples against the embeddings of all, and descends on the
/// loss of all, of which it brings in the gradient of its own rows. So the step is that of one rank with the whole batch.
/// </remarks>
internal sealed class CobraStep(
    CobraNetwork network, PseudoAnomalySupply source, LightAugmentation light, CobraObjective objective, Optimizer optimizer, RandomStreams streams, int rowsAtOnce)
{
    /// <summary>What the source "none" trains, with the constants of the loss.</summary>
    private readonly CobraObjective alone = new(ContrastiveLosses.Create(objective.Contrastive.Options with { Name = "ntxent" }), 0);

    /// <summary>The first epoch with pseudo-anomalies, where they are features.</summary>
    public int FirstVirtualEpoch { get; init; }

    /// <summary>The ranks that share every batch; <see langword="null"/> when this process is alone.</summary>
    public IRanks? Ranks { get; init; }

    /// <summary>By what share of its length each layer moves to worse weights before the gradient is taken; 0 takes it where they are.</summary>
    public double WeightPerturbation { get; init; }

    /// <summary>Whether light views and attacked ones are normalised over batches of their own.</summary>
    public bool SeparateStatistics { get; init; }

    /// <summary>The share of each batch that its update leaves out.</summary>
    public double TrimmedShare { get; init; }

    /// <summary>Trains on one batch of normal images [b, 3, H, W].</summary>
    public StepOutcome Run(Tensor normals, InnerMaximization? attack, double learningRate, int epoch, int step)
    {
        using StepScope scope = new();
        if (TrimmedShare > 0) normals = new BatchTrimming(TrimmedShare).Apply(network, normals, rowsAtOnce);
        StepRows rows = Prepare(normals, attack is null ? 2 : 3, epoch, step);
        if (attack?.Options.Replays > 0) return new FreeAdversarialStep(this, attack, streams).Run(rows, learningRate, epoch, step);

        Tensor views = Views(rows.Images, epoch, step, replay: 0);
        (double? Gain, double? Strength) measured = (attack is null ? 0 : null, null);
        if (attack is not null)
        {
            (Tensor attacked, measured) = Attack(attack, rows, views, epoch, step);
            views = cat([views, attacked]);
        }

        return Outcome(Update(views, rows, learningRate), rows.Layout, measured);
    }

    /// <summary>
    /// The loss of a batch in the network as it is, in evaluation mode and without an update: of its light views alone, and with the attacked view
    /// as it is trained on (paper, Figure 4a); the same without an attack.
    /// </summary>
    public (double Clean, double Attacked) Losses(Tensor normals, InnerMaximization? attack, int epoch)
    {
        using DisposeScope scope = NewDisposeScope();
        network.eval();
        StepRows rows = Prepare(normals, attack is null ? PairLayout.LightViews : PairLayout.LightViews + 1, epoch, step: 0);
        Tensor views = Views(rows.Images, epoch, step: 0, replay: 0);
        double clean = Loss(views, rows with { Layout = rows.Layout with { Views = PairLayout.LightViews } });
        return (clean, attack is null ? clean : Loss(cat([views, Attack(attack, rows, views, epoch, step: 1).Images]), rows));

        double Loss(Tensor seen, StepRows layout)
        {
            using IDisposable frozen = no_grad();
            return LossOf(network.call(seen), layout).Total.item<float>();
        }
    }

    /// <summary>Descends once on the loss of the views, of which the last may ask for its own gradient.</summary>
    public ObjectiveParts Update(Tensor views, StepRows rows, double learningRate)
    {
        network.train();
        ObjectiveParts loss;
        using (WeightPerturbation > 0 ? Perturb(views, rows) : null) loss = Gradients(views, rows, LossAndObservation);
        optimizer.LearningRate = learningRate;
        optimizer.Step();
        return loss;

        ObjectiveParts LossAndObservation(CobraOutput output)
        {
            // The first rows are the first light view of the normals.
            source.VirtualOutliers?.Observe(output.Features.narrow(0, 0, rows.Layout.Pairs));
            return LossOf(output, rows);
        }
    }

    /// <summary>The numbers of a step, fetched from the device at once.</summary>
    public static StepOutcome Outcome(ObjectiveParts loss, PairLayout layout, (double? Gain, double? Strength) measured)
    {
        using Tensor values = stack([loss.Total.detach(), loss.Contrastive.detach(), loss.Classification.detach()]).to(ScalarType.Float32).cpu();
        float[] fetched = values.data<float>().ToArray();
        return new StepOutcome(layout.Pairs, fetched[0], fetched[1], fetched[2], measured.Gain, measured.Strength);
    }

    /// <summary>The attacked images, and in the first step of an epoch what the attack gained and how that compares with a stronger one.</summary>
    private (Tensor Images, (double? Gain, double? Strength) Measured) Attack(InnerMaximization attack, StepRows rows, Tensor views, int epoch, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        // Folding reads the weights once and saves 5-20 % of every pass of the attack; with batch statistics it cannot be done.
        using CobraNetwork? folded = attack.Options.BatchStatistics ? null : network.Fold();
        CobraNetwork attacked = folded ?? network;
        Tensor keys = Keys(attack, attacked, views, rows);
        Tensor? own = OwnSamples(rows);
        (Tensor found, double? gain) = Climb(attack, "attack");
        if (step > 0 || attack.Options.CheckSteps == 0) return (found.MoveToOuterDisposeScope(), (gain, null));

        (_, double? strongerGain) = Climb(new InnerMaximization(attack.Options.Plain(attack.Options.CheckSteps)), "attack check");
        return (found.MoveToOuterDisposeScope(), (gain, gain / strongerGain));

        (Tensor Images, double? Gain) Climb(InnerMaximization climber, string purpose)
        {
            using Generator rng = streams.Create(purpose, epoch, step);
            AdversarialBatch result = climber.Run(attacked, rows.Images, keys, rows.Layout, rows.Objective, rng, measureEnd: step == 0, AttackedAtOnce(attack), own);
            return (result.Images, result.ObjectiveAtEnd is { } end ? Mean(end - result.ObjectiveAtStart) : null);
        }
    }

    /// <summary>Where statistics are those of the batch, a part of it would have others.</summary>
    private int AttackedAtOnce(InnerMaximization attack) => attack.Options.BatchStatistics ? 0 : rowsAtOnce;

    private double Mean(Tensor values) => Ranks?.Mean(values) ?? values.mean().to(ScalarType.Float32).item<float>();

    private static Tensor? OwnSamples(StepRows rows) => rows.Share?.Rows(rows.Images.size(0), 1, rows.Images.device).Own;

    /// <summary>Weights where the loss of these views is worse; nothing else remembers the pass.</summary>
    private PerturbedWeights Perturb(Tensor views, StepRows rows)
    {
        using DisposeScope scope = NewDisposeScope();
        using (new NetworkModeScope(network, batchStatistics: true)) Gradients(views.detach(), rows, output => LossOf(output, rows));
        return new PerturbedWeights(network.parameters(), WeightPerturbation);
    }

    /// <summary>The gradients of a loss of the views, those of all ranks summed.</summary>
    private ObjectiveParts Gradients(Tensor views, StepRows rows, Func<CobraOutput, ObjectiveParts> loss)
    {
        optimizer.ZeroGradients();
        ObjectiveParts found = Descend(views, rows, loss);
        Ranks?.SumGradients(network.parameters());
        return found;
    }

    private ObjectiveParts Descend(Tensor views, StepRows rows, Func<CobraOutput, ObjectiveParts> loss)
    {
        if (rows.Share is not null)
        {
            RankRows shared = rows.Share.Rows(rows.Images.size(0), rows.Layout.Views, views.device);
            Tensor own = shared.Select(views);
            return SegmentedBackward.Run(network, own, rowsAtOnce > 0 ? rowsAtOnce : (int)own.size(0), loss, shared);
        }

        if (rowsAtOnce > 0 && rowsAtOnce < views.size(0)) return SegmentedBackward.Run(network, views, rowsAtOnce, loss);
        ObjectiveParts found = loss(SeparateStatistics ? Apart(views, rows.Layout) : network.call(views));
        found.Total.backward();
        return found;
    }

    /// <summary>What the network says about the light views and the attacked ones, each in a pass of its own.</summary>
    private CobraOutput Apart(Tensor views, PairLayout layout)
    {
        long light = views.size(0) / layout.Views * PairLayout.LightViews;
        CobraOutput[] passes = [.. views.split([light, views.size(0) - light]).Select(network.call)];
        return new CobraOutput(Join(pass => pass.Features), Join(pass => pass.Embeddings), Join(pass => pass.Logits), Join(pass => pass.MemberLogits));

        Tensor Join(Func<CobraOutput, Tensor> part) => cat([.. passes.Select(part)]);
    }

    private ObjectiveParts LossOf(CobraOutput output, StepRows rows) => rows.Outliers is null
        ? rows.Objective.Outer(output.Embeddings, output.MemberLogits, rows.Layout)
        : rows.Objective.Outer(
            WithOutliers(output.Embeddings, network.Projection.call(rows.Outliers)), WithOutliers(output.MemberLogits, network.MemberLogits(rows.Outliers)), rows.Layout);

    /// <summary>The embeddings of the views that attacked images are compared with; outliers follow the normals in each view.</summary>
    private Tensor Keys(InnerMaximization attack, CobraNetwork encoder, Tensor views, StepRows rows)
    {
        RankRows? shared = rows.Share?.Rows(rows.Images.size(0), PairLayout.LightViews, views.device);
        Tensor keys = attack.EncodeKeys(encoder, shared is null ? views : shared.Select(views), AttackedAtOnce(attack));
        if (shared is not null) keys = shared.Gather(keys);
        if (rows.Outliers is null) return keys;

        using IDisposable frozen = no_grad();
        return WithOutliers(keys, encoder.Projection.call(rows.Outliers));
    }

    private StepRows Prepare(Tensor normals, int views, int epoch, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using Generator craft = streams.Create("pseudo-anomalies", epoch, step);
        Tensor images = source.Craft(normals, craft) is { } crafted ? cat([normals, crafted]) : normals.clone();
        Tensor? outliers = epoch < FirstVirtualEpoch ? null : source.CraftFeatures(normals.size(0), craft)?.to(normals.device);
        bool isWaiting = source.VirtualOutliers is not null && outliers is null;
        PairLayout layout = new((int)normals.size(0), views) { HasAnomalies = source.Source is not null || outliers is not null };
        return new StepRows(images.MoveToOuterDisposeScope(), outliers?.MoveToOuterDisposeScope(), layout, isWaiting ? alone : objective, Ranks is null ? null : new RankShare(Ranks, normals.size(0)));
    }

    /// <summary>
    /// By how much the objective of the attack is larger at some images than at others, on average, against the network as it is now: it
    /// can be negative where updates have moved the network since the attack.
    /// </summary>
    public double Gain(InnerMaximization attack, StepRows rows, Tensor views, Tensor from, Tensor to)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork folded = network.Fold();
        Tensor keys = Keys(attack, folded, views, rows);
        Tensor? own = OwnSamples(rows);
        return Mean(Evaluate(to) - Evaluate(from));

        Tensor Evaluate(Tensor points) => attack.Evaluate(folded, points, keys, rows.Layout, rows.Objective, AttackedAtOnce(attack), own);
    }

    /// <summary>Both light views of the images, view-major, [4b, 3, H, W].</summary>
    public Tensor Views(Tensor images, int epoch, int step, int replay)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using Generator augment = replay == 0 ? streams.Create("views", epoch, step) : streams.Create("views", epoch, step, replay);
        return cat([light.Apply(images, augment), light.Apply(images, augment)]).MoveToOuterDisposeScope();
    }

    /// <summary>In every view the normals' rows [V · b, d] and then those of the outliers [b, d], the same in each: [V · 2b, d].</summary>
    internal static Tensor WithOutliers(Tensor normals, Tensor outliers)
    {
        long pairs = outliers.size(0), views = normals.size(0) / pairs, width = outliers.size(1);
        return cat([normals.view(views, pairs, width), outliers.unsqueeze(0).expand(views, pairs, width)], 1).reshape(2 * views * pairs, width);
    }
}

/// <summary>What a step works on.</summary>
/// <param name="Images">As they are: the normals and, where they are images, the pseudo-anomalies, [2b, 3, H, W]; otherwise [b, 3, H, W].</param>
/// <param name="Outliers">The pseudo-anomalies where they are features, [b, feature size].</param>
/// <param name="Layout">Which row is what, outliers included.</param>
/// <param name="Objective">What is trained.</param>
/// <param name="Share">Which of it this rank computes; <see langword="null"/> for all.</param>
internal readonly record struct StepRows(Tensor Images, Tensor? Outliers, PairLayout Layout, CobraObjective Objective, RankShare? Share);

/// <summary>What one training step did. The attack's gain costs a pass and is measured in the first step of an epoch only.</summary>
internal readonly record struct StepOutcome(int Images, double Loss, double ContrastiveLoss, double ClassificationLoss, double? AttackGain, double? AttackStrength);
