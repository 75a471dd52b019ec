using System.Text.Json;
using System.Text.Json.Serialization;
using CobraAD.Detection;
using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Networks.Backbones;
using CobraAD.Optimization;
using CobraAD.PseudoAnomalies;
using CobraAD.Training;
using CobraAD.Training.Adversarial;
using CobraAD.Transforms.Light;
using CobraAD.Validation;

namespace CobraAD.Methods.Cobra;

/// <summary>
/// Everything that decides what a COBRA training does. The defaults are the paper's (appendix I) where it says, and the decisions D1
/// to D41 of docs/contributing/decisions.md where it does not. The same record is what configuration files, the command line and model files hold.
/// </summary>
public sealed record CobraOptions : DetectorOptions
{
    /// <summary>The paper's options.</summary>
    public CobraOptions() => Preset = "paper";

    /// <summary>Encoder, projection head and classifier.</summary>
    public CobraNetworkOptions Network { get; init; } = new();

    /// <summary>Weights that the encoder starts with, beyond the paper; they need the network of <see cref="BackboneOptions.Packaged"/>.</summary>
    /// <value>Default <see langword="null"/>: random ones, as in the paper.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PackagedWeights? Init { get; init; }

    /// <summary>Where pseudo-anomalies come from (paper, Table 5).</summary>
    /// <value>Default "ours". One of <see cref="PseudoAnomalySources.All"/>, or "folder:PATH". "none" needs the loss "ntxent" without classification.</value>
    public string AnomalySource { get; init; } = PseudoAnomalySources.Ours;

    /// <summary>What the images of "folder:PATH" are said to be; reports print it as a claim.</summary>
    /// <value>Default <see langword="null"/>.</value>
    public string? ClaimedOrigin { get; init; }

    /// <summary>How the source makes pseudo-anomalies.</summary>
    public PseudoAnomalyOptions PseudoAnomalies { get; init; } = new();

    /// <summary>The light transforms τ that make the views.</summary>
    public LightAugmentationOptions Augmentation { get; init; } = new();

    /// <summary>
    /// Whether light views are mirrored only where good images say that a mirrored one could be good (<see cref="CobraHealth.MirroredFarther"/>). A mirrored 2 is drawn to the 2s as a positive pair, and with it every
    /// anomaly that looks like one. Beyond the paper.
    /// </summary>
    /// <value>Default <see langword="false"/>: mirrored with <see cref="LightAugmentationOptions.FlipProbability"/> whatever the images are.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MirrorWhereAlike { get; init; }

    /// <summary>The contrastive loss.</summary>
    public ContrastiveLossOptions Contrastive { get; init; } = new();

    /// <summary>Weight of the classification loss L_CLS.</summary>
    /// <value>Default 1 (the paper's sum is unweighted), at least 0.</value>
    public double ClassificationWeight { get; init; } = 1;

    /// <summary>
    /// Weight of a term that draws each attacked view to its image, 1 - cos to the mean direction of its light views: what TRADES (Zhang et al. 2019) asks of
    /// predictions, asked of embeddings. Beyond the paper.
    /// </summary>
    /// <value>Default 0: none, the contrastive loss alone makes them positives. At most 1000; needs an <see cref="Attack"/>.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double ConsistencyWeight { get; init; }

    /// <summary>The training attack.</summary>
    /// <value><see langword="null"/> trains without one (paper, Table 9): two views instead of three, and no robustness.</value>
    public InnerMaximizationOptions? Attack { get; init; } = new();

    /// <summary>The optimiser.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>The learning rate over the epochs. A warm-up longer than half of them is cut to half.</summary>
    public LearningRateSchedule LearningRate { get; init; } = new();

    /// <summary>
    /// d of a running mean of the weights, in which each update counts d times as much as the one after it. The detector is made of that
    /// mean instead of the last weights. Beyond the paper.
    /// </summary>
    /// <value>Default 0: the last weights. From 0 to below 1; 0.98 averages over the last fifty updates.</value>
    public double WeightAverageDecay { get; init; }

    /// <summary>
    /// γ of adversarial weight perturbation (Wu, Xia and Wang 2020): the gradient of an update is taken at weights of which every layer was first moved by
    /// this share of its length to where the loss is worse. An update costs one pass more. Beyond the paper.
    /// </summary>
    /// <value>Default 0: no perturbation. From 0 to below 1; 0.005 to 0.01 is usual.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double WeightPerturbation { get; init; }

    /// <summary>
    /// Whether an update normalises its light views and its attacked ones over batches of their own, instead of over one of both. Running statistics, with
    /// which the detector computes, follow both. Beyond the paper.
    /// </summary>
    /// <value>Default <see langword="false"/>. Needs an <see cref="Attack"/> and no <see cref="MemoryLimit"/>; ranks cannot share it.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SeparateBatchStatistics { get; init; }

    /// <summary>
    /// Share of each batch's normal images that its update leaves out: those that the network as it is puts farthest from the mean direction of the batch. Meant for folders
    /// in which some images are not good; they stay in the bank, which <see cref="CobraScoreConstants.Trimmed"/> is for. Beyond the paper.
    /// </summary>
    /// <value>Default 0: none. At most 0.5; ranks cannot share it.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double TrimmedShare { get; init; }

    /// <summary>Passes over the data.</summary>
    /// <value>Default 100, at least 1.</value>
    public int Epochs { get; init; } = 100;

    /// <summary>Most normal images of one step; as many pseudo-anomalies come on top.</summary>
    /// <value>Default 128, at least 2.</value>
    public int BatchSize { get; init; } = 128;

    /// <summary>Normal images of one epoch, by repetition when there are fewer.</summary>
    /// <value>Default 0: one pass over the set.</value>
    public int ItemsPerEpoch { get; init; }

    /// <summary>
    /// Most bytes that the training may take, program and images included. A step whose maps need more goes through its images in
    /// parts. That changes nothing but the rounding: the attack's images and keys do not meet, and where images meet, in the contrastive
    /// loss and in batch normalisation, every part sees the whole batch. Each convolution of the update is done once more, so that its
    /// maps need not be kept. The size of the parts is estimated from the options, on the safe side. No part has fewer than two images,
    /// however little is allowed, and what the whole batch keeps does not shrink with the parts: the maps between residual blocks.
    /// An attack on the batch's own statistics (<see cref="InnerMaximizationOptions.BatchStatistics"/>) is not divided.
    /// </summary>
    /// <value>Default <see langword="null"/>: no limit. At least 16 MiB.</value>
    public long? MemoryLimit { get; init; }

    /// <summary>The numbers that the passes of the training compute with. The trained detector's are float32 in any case.</summary>
    /// <value>Default <see cref="TrainingPrecision.Full"/>.</value>
    public TrainingPrecision Precision { get; init; }

    /// <summary>The score of the trained detector.</summary>
    public CobraScore Score { get; init; } = CobraScore.Similarity;

    /// <summary>The constants of the score.</summary>
    public CobraScoreConstants ScoreConstants { get; init; } = new();

    /// <summary>Below this a training of the paper's preset gets a small part of the paper's updates (3,900 on a class of 5,000 images).</summary>
    private const int FewUpdates = 1000;

    /// <summary>Updates of the whole training on a number of images.</summary>
    internal int Updates(int images) => Epochs * EpochOrder.StepsPerEpoch(images, ItemsPerEpoch, BatchSize);

    /// <summary>Whether one pass an epoch over so few images is what makes the updates few (decision D30).</summary>
    internal bool HasFewUpdates(int images) => ItemsPerEpoch == 0 && Updates(images) < FewUpdates;

    /// <summary>The learning rate over the epochs of this training. A short run warms up for half of it at most.</summary>
    internal LearningRateSchedule Schedule => LearningRate with { Epochs = Epochs, WarmUpEpochs = Math.Min(LearningRate.WarmUpEpochs, Epochs / 2.0) };

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Network.Validate();
        if (Init is not null)
        {
            Network.RequireSingle("with --init imagenet networks side by side would start alike, see the same batches and stay alike");
            OptionCheck.Require(Network.Encoder, Network.Encoder == BackboneOptions.Packaged.Network, "resNet20 with the imageNet stem and width 1, which --init imagenet sets: the weights of Init fit no other network");
        }

        OptionCheck.Require(AnomalySource, PseudoAnomalySources.IsKnown(AnomalySource), $"one of {string.Join(", ", PseudoAnomalySources.All)}, or {PseudoAnomalySources.FolderPrefix}PATH");
        bool isFolder = PseudoAnomalySources.FolderOf(AnomalySource) is not null;
        OptionCheck.Require(ClaimedOrigin, ClaimedOrigin is null || isFolder, $"null without an AnomalySource {PseudoAnomalySources.FolderPrefix}PATH, to which it belongs");
        if (AnomalySource == PseudoAnomalySources.None) RequireNoAnomalies();
        OptionCheck.Require(PseudoAnomalies.AdaptiveMix, !PseudoAnomalies.AdaptiveMix || AnomalySource == PseudoAnomalySources.Ours, $"false unless AnomalySource is {PseudoAnomalySources.Ours}, which alone draws hard transforms");
        PseudoAnomalies.Validate();
        Augmentation.Validate();
        Contrastive.Validate();
        Attack?.Validate();
        Optimizer.Validate();
        OptionCheck.Require(ClassificationWeight, 0, 1000);
        OptionCheck.Require(ConsistencyWeight, 0, 1000);
        OptionCheck.Require(ConsistencyWeight, ConsistencyWeight == 0 || Attack is not null, "0 without an Attack, which makes the views that it draws");
        OptionCheck.Require(WeightAverageDecay, WeightAverageDecay is >= 0 and < 1, "from 0 to below 1");
        OptionCheck.Require(WeightPerturbation, WeightPerturbation is >= 0 and < 1, "from 0 to below 1");
        OptionCheck.Require(TrimmedShare, 0, 0.5);
        OptionCheck.Require(SeparateBatchStatistics, !SeparateBatchStatistics || (Attack is not null && MemoryLimit is null), "false without an Attack, and with a MemoryLimit");
        OptionCheck.RequireAtLeast(Epochs, 1);
        Schedule.Validate();
        if (AnomalySource == PseudoAnomalySources.VirtualOutliers) PseudoAnomalies.VirtualOutliers.ValidateFor(Epochs, BatchSize);
        OptionCheck.RequireAtLeast(BatchSize, 2);
        OptionCheck.Require(MemoryLimit, MemoryLimit is null or >= 16L << 20, "at least 16777216 bytes (16 MiB)");
        OptionCheck.RequireDefined(Precision);
        OptionCheck.RequireDefined(Score);
        ScoreConstants.Validate();
        OptionCheck.Require(ItemsPerEpoch, ItemsPerEpoch >= 0, "at least 0 (one pass over the set)");
    }

    /// <summary>Without pseudo-anomalies there is neither an opposite nor a second class: whatever needs them would train on nothing.</summary>
    private void RequireNoAnomalies()
    {
        const string because = "with AnomalySource none, which leaves no opposites and no second class";
        OptionCheck.Require(Contrastive.Name, Contrastive.Name == "ntxent", $"ntxent {because}");
        OptionCheck.Require(ClassificationWeight, ClassificationWeight == 0, $"0 {because}");
        OptionCheck.Require(Score, !CobraScores.NeedsClassifier(Score), $"{string.Join(" or ", WithoutClassifier)} {because}");
    }

    private static IEnumerable<string> WithoutClassifier =>
        Enum.GetValues<CobraScore>().Where(score => !CobraScores.NeedsClassifier(score)).Select(score => JsonNamingPolicy.CamelCase.ConvertName(score.ToString()));
}
