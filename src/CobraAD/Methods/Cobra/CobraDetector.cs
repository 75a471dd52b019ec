using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Losses;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Networks;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>A trained COBRA detector: network, bank of normal embeddings and operating point (paper, section 3.3).</summary>
/// <example><code>
/// using CobraDetector detector = CobraDetector.Load("model.cobra");
/// using Tensor scores = detector.Score(images);
/// </code></example>
public sealed class CobraDetector : ITrainedDetector
{
    /// <summary>What model files of this detector say they hold.</summary>
    public const string Kind = "cobra";

    /// <summary>A larger bank stays in its file and comes from the disk as far as searches touch it.</summary>
    private const long LargestReadBank = 1L << 30;

    private const int PrototypeCount = 10;
    private const int SurrogateNeighbours = 256;

    private readonly CobraNetwork network;
    private readonly CobraNetwork scoring;
    private Tensor prototypes;

    /// <summary>Puts a detector together; it takes over the network and the bank and disposes them.</summary>
    /// <param name="network">Trained network; switched to evaluation mode.</param>
    /// <param name="bank">Embeddings of normal training images, made by this network.</param>
    /// <param name="card">What is known about the model.</param>
    internal CobraDetector(CobraNetwork network, EmbeddingBank bank, CobraModelCard card)
    {
        this.network = network;
        network.eval();
        scoring = network.Fold();
        Bank = bank;
        Card = card;
        prototypes = bank.Prototypes(PrototypeCount);
        Surrogates = [.. MakeSurrogates(card.Options.Score)];
    }

    /// <inheritdoc/>
    public string Name => Card.Name;

    /// <inheritdoc/>
    public Device Device => scoring.Device;

    /// <summary>Options, data, calibration and health of the model.</summary>
    public CobraModelCard Card { get; private set; }

    IModelCard ITrainedDetector.Card => Card;

    /// <summary>The embeddings of the normal training images; owned by the detector.</summary>
    public EmbeddingBank Bank { get; private set; }

    /// <summary>The trained network, in evaluation mode; owned by the detector.</summary>
    internal CobraNetwork Network => network;

    /// <inheritdoc/>
    public double? Threshold => Card.Calibration.Threshold;

    /// <inheritdoc/>
    public IReadOnlyList<ScoreSurrogate> Surrogates { get; }

    /// <inheritdoc/>
    /// <returns>float64 [B].</returns>
    public Tensor Score(Tensor images) => Score(images, neighbour: 0);

    /// <summary>Cosine similarities to ten bank entries that lie far from each other.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <returns>float64 [B, min(10, bank size)], differentiable; the caller disposes it.</returns>
    public Tensor Outputs(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor unit = UnitLength.Of(scoring.Embed(images).to(ScalarType.Float64));
        return nn.functional.linear(unit, prototypes).MoveToOuterDisposeScope();
    }

    /// <summary>The index of the most similar training image of each image.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <returns>B rows of the bank, which are rows of the training set without the images held out for calibration.</returns>
    public long[] NearestTrainingImages(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        return Bank.MostSimilar(scoring.Embed(images), 1).Index.flatten().cpu().data<long>().ToArray();
    }

    /// <summary>A raw score on the scale where 0.5 is the threshold.</summary>
    /// <param name="score">A value of <see cref="Score(Tensor)"/>.</param>
    public double Calibrate(double score) => Card.Calibration.Calibrate(score);

    /// <summary>Sets the operating point anew, e.g. for a line with other light, without training again.</summary>
    /// <param name="goodImages">Good images that are neither in the bank nor were trained on; their number bounds what can be promised.</param>
    /// <param name="falseAlarmRate">The share of good parts that may be called anomalous, in (0, 1).</param>
    /// <exception cref="ArgumentException">A score is not finite.</exception>
    public void Recalibrate(ImageSet goodImages, double falseAlarmRate) =>
        Card = Card with { Calibration = ScoreCalibration.From(this.ScoreAll(goodImages), falseAlarmRate, heldOut: true) };

    /// <summary>The embeddings that a bank of this detector consists of; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <returns>float32 [B, embedding size], without a gradient.</returns>
    public Tensor Embed(Tensor images)
    {
        using IDisposable frozen = no_grad();
        return network.Embed(images);
    }

    /// <summary>
    /// Compares images with another bank from now on, for example with millions of good images in a file that is larger than memory
    /// (<see cref="EmbeddingBank.Open"/>), and sets the operating point anew, because the old one holds for the old bank only.
    /// </summary>
    /// <param name="bank">What <see cref="Embed"/> gave for the images, on this detector's device; the detector takes it over unless it throws.</param>
    /// <param name="goodImages">Good images that are neither in the bank nor were trained on; their number bounds what can be promised.</param>
    /// <param name="falseAlarmRate">The share of good parts that may be called anomalous, in (0, 1).</param>
    /// <exception cref="ArgumentException">The bank's entries have another width than the network's embeddings, or a score is not finite.</exception>
    public void ReplaceBank(EmbeddingBank bank, ImageSet goodImages, double falseAlarmRate)
    {
        ArgumentNullException.ThrowIfNull(bank);
        if (bank.Dimension != Bank.Dimension)
            throw new ArgumentException($"The bank's entries have {bank.Dimension} numbers, this network's embeddings {Bank.Dimension}. Build the bank with this detector's network.", nameof(bank));
        (EmbeddingBank oldBank, Tensor oldPrototypes) = (Bank, prototypes);
        (Bank, prototypes) = (bank, bank.Prototypes(PrototypeCount));
        try
        {
            Recalibrate(goodImages, falseAlarmRate);
        }
        catch
        {
            prototypes.Dispose();
            (Bank, prototypes) = (oldBank, oldPrototypes);
            throw;
        }

        if (!ReferenceEquals(oldBank, bank)) oldBank.Dispose();
        oldPrototypes.Dispose();
    }

    /// <summary>
    /// Sets the operating point from the bank's own images when there were too few to keep any out: the nearest entry of each is
    /// itself, so its second nearest counts.
    /// </summary>
    internal void CalibrateOnBank(ImageSet bankImages, double falseAlarmRate)
    {
        double[] scores = DetectorScoring.ScoreAll(images => Score(images, neighbour: 1), bankImages, Device);
        Card = Card with { Calibration = ScoreCalibration.From(scores, falseAlarmRate, heldOut: false) };
    }

    /// <summary>Writes the model file; it appears complete or not at all.</summary>
    /// <param name="path">The <c>.cobra</c> file to make or replace.</param>
    public void Save(string path)
    {
        ModelManifest manifest = new()
        {
            Kind = Kind,
            Data = Card.Data,
            Options = CobraJson.ToNode(Card.Options),
            Calibration = CobraJson.ToNode(Card.Calibration),
            Health = CobraJson.ToNode(Card.Health),
        };
        ModelArchive.Write(path, manifest, new Dictionary<string, IReadOnlyDictionary<string, Tensor>>
        {
            ["network"] = network.state_dict(),
            ["bank"] = new Dictionary<string, Tensor> { ["embeddings"] = Bank.Embeddings },
        });
    }

    /// <summary>Reads a model file. On the CPU a bank of more than 1 GiB is verified, but stays in the file, which must not be changed in place meanwhile.</summary>
    /// <param name="path">A file written by <see cref="Save"/>.</param>
    /// <param name="device">Where the detector runs; the CPU when <see langword="null"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of a newer format, or holds something else.</exception>
    public static CobraDetector Load(string path, Device? device = null) => Load(path, device ?? CPU, LargestReadBank);

    /// <summary>Reads a model file; entries of it that are larger than a limit stay on the disk.</summary>
    internal static CobraDetector Load(string path, Device device, long largestRead)
    {
        using ModelArchive archive = ModelArchive.Read(path, largestRead);
        CobraModelCard card = ReadCard(path, archive.Manifest);
        using Generator rng = new(0, CPU);
        CobraNetwork network = new(card.Options.Network, rng);
        return Handover.OrDispose(network, () =>
        {
            StateDictionary.Load(network, archive.Group("network"), path);
            if (!archive.Group("bank").TryGetValue("embeddings", out Tensor? embeddings))
                throw new ModelFormatException($"{path}: the bank has no tensor 'embeddings'. Train the model again.");
            network.to(device);
            return new CobraDetector(network, new EmbeddingBank(device.type == DeviceType.CPU ? embeddings.alias() : embeddings.to(device)), card);
        });
    }

    /// <summary>
    /// Reads a model file and lets it report another of the scores. The file's threshold holds for its own score only, so with another
    /// one the detector has none that an image could exceed.
    /// </summary>
    internal static CobraDetector Load(string path, Device device, CobraScore score)
    {
        CobraDetector detector = Load(path, device);
        if (detector.Card.Options.Score == score) return detector;
        CobraModelCard card = detector.Card with
        {
            Options = detector.Card.Options with { Score = score },
            Calibration = detector.Card.Calibration with { Threshold = double.PositiveInfinity },
        };
        // The parts change hands; only the first detector's own copies go.
        detector.scoring.Dispose();
        detector.prototypes.Dispose();
        return new CobraDetector(detector.network, detector.Bank, card);
    }

    /// <summary>Reads what a model file says about itself, without its tensors.</summary>
    /// <param name="path">A file written by <see cref="Save"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of a newer format, or holds something else.</exception>
    public static CobraModelCard LoadCard(string path) => ReadCard(path, ModelArchive.ReadManifest(path));

    /// <inheritdoc/>
    public void Dispose()
    {
        network.Dispose();
        scoring.Dispose();
        Bank.Dispose();
        prototypes.Dispose();
    }

    private static CobraModelCard ReadCard(string path, ModelManifest manifest)
    {
        if (manifest.Kind != Kind)
            throw new ModelFormatException($"{path}: expected a model of kind '{Kind}', found '{manifest.Kind}'. A checkpoint continues with 'cobra train --resume'.");
        return new CobraModelCard(
            CobraJson.FromNode<CobraOptions>(manifest.Options, $"{path}, manifest.json, options"),
            manifest.Data ?? throw new ModelFormatException($"{path}: the manifest does not say what the model was trained on. Train it again."),
            CobraJson.FromNode<ScoreCalibration>(manifest.Calibration, $"{path}, manifest.json, calibration"),
            CobraJson.FromNode<CobraHealth>(manifest.Health, $"{path}, manifest.json, health"));
    }

    private static Tensor AnomalyProbability(CobraOutput output) => ClassificationLoss.AnomalyProbability(output.Logits.to(ScalarType.Float64));

    /// <summary>log p/(1 - p): the same order as the probability, without its saturation.</summary>
    private static Tensor LogOdds(CobraOutput output)
    {
        Tensor logits = output.Logits.to(ScalarType.Float64);
        return logits.select(1, 1) - logits.select(1, 0);
    }

    private Tensor Score(Tensor images, int neighbour)
    {
        using DisposeScope scope = NewDisposeScope();
        CobraOutput output = scoring.call(images);
        Tensor score = Card.Options.Score switch
        {
            CobraScore.Similarity => Dissimilarity(output, neighbour),
            CobraScore.Classifier => AnomalyProbability(output),
            CobraScore.Sum => Dissimilarity(output, neighbour) + AnomalyProbability(output),
            CobraScore.InnerProduct => -Bank.LargestInnerProduct(output.Embeddings, neighbour + 1).Similarity.select(1, neighbour),
            _ => throw new InvalidOperationException($"Unknown score {Card.Options.Score}."),
        };
        return score.MoveToOuterDisposeScope();
    }

    private Tensor Dissimilarity(CobraOutput output, int neighbour = 0) =>
        -Bank.MostSimilar(output.Embeddings, neighbour + 1).Similarity.select(1, neighbour);

    /// <summary>-T log Σ exp(cos / T) over the nearest entries: a maximum whose gradient sees every near neighbour.</summary>
    private Tensor SmoothDissimilarity(CobraOutput output, double temperature) =>
        -(Bank.MostSimilar(output.Embeddings, SurrogateNeighbours).Similarity / temperature).logsumexp(1) * temperature;

    private IEnumerable<ScoreSurrogate> MakeSurrogates(CobraScore kind)
    {
        if (kind is CobraScore.Similarity or CobraScore.Sum)
        {
            foreach (double temperature in (double[])[0.02, 0.05, 0.1])
            {
                yield return Surrogate(
                    $"log-sum-exp of the similarities, temperature {temperature}",
                    output => kind == CobraScore.Sum ? SmoothDissimilarity(output, temperature) + AnomalyProbability(output) : SmoothDissimilarity(output, temperature));
            }

            if (kind == CobraScore.Similarity)
                yield return Surrogate("mean of the 10 largest similarities", output => -Bank.MostSimilar(output.Embeddings, 10).Similarity.mean([1]));
        }

        if (kind == CobraScore.Classifier) yield return Surrogate("log-odds of H", LogOdds);
        if (kind == CobraScore.Sum) yield return Surrogate("similarity + log-odds of H", output => Dissimilarity(output) + LogOdds(output));
        if (kind == CobraScore.InnerProduct)
            yield return Surrogate("mean of the 10 largest inner products", output => -Bank.LargestInnerProduct(output.Embeddings, 10).Similarity.mean([1]));
    }

    private ScoreSurrogate Surrogate(string name, Func<CobraOutput, Tensor> score) => new(name, images =>
    {
        using DisposeScope scope = NewDisposeScope();
        return score(scoring.call(images)).MoveToOuterDisposeScope();
    });
}
