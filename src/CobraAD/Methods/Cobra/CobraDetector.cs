using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Losses;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Methods.Common;
using CobraAD.Methods.Tiles;
using CobraAD.Networks;
using CobraAD.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>A trained COBRA detector: network, bank of normal embeddings and operating point (paper, section 3.3).</summary>
/// <example><code>
/// using CobraDetector detector = CobraDetector.Load("model.cobra");
/// using Tensor scores = detector.Score(images);
/// </code></example>
public sealed class CobraDetector : ITrainedDetector, ISelfCalibrating, IUpdatable
{
    /// <summary>What model files of this detector say they hold.</summary>
    public const string Kind = "cobra";

    private const int PrototypeCount = 10;

    private readonly CobraNetwork network;
    private readonly CobraNetwork scoring;
    private readonly ScoreForm form;
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
        form = CobraScores.Of(card.Score, card.ScoreConstants);
        Surrogates = SurrogatesOf(form);
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

    /// <summary>How the network's output and the bank become a score.</summary>
    internal ScoreForm Form => form;

    /// <summary>The trained network, in evaluation mode; owned by the detector.</summary>
    internal CobraNetwork Network => network;

    /// <inheritdoc/>
    public double? Threshold => Card.Calibration.Threshold;

    /// <inheritdoc/>
    public IReadOnlyList<ScoreSurrogate> Surrogates { get; }

    /// <inheritdoc/>
    /// <returns>float64 [B].</returns>
    public Tensor Score(Tensor images) => Score(images, form);

    /// <summary>The same network and bank with another score, e.g. the paper's, to attack and compare; it has no threshold.</summary>
    /// <param name="score">Any score but <see cref="CobraScore.Auto"/>.</param>
    /// <returns>A detector that lives as long as this one; disposing it does nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such score.</exception>
    public IAnomalyDetector With(CobraScore score) => new OtherScore(this, CobraScores.Of(score, Card.ScoreConstants));

    /// <summary>Cosine similarities to ten bank entries that lie far from each other.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <returns>float64 [B, min(10, bank size)], differentiable; the caller disposes it.</returns>
    public Tensor Outputs(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor unit = UnitLength.Of(scoring.Embed(images).to(ScalarType.Float64));
        return nn.functional.linear(unit, prototypes).MoveToOuterDisposeScope();
    }

    /// <summary>-1 where the score asks the bank: an image more like an entry scores lower.</summary>
    public int ItemEffect => Form.NeedsBank ? -1 : 0;

    /// <summary>The most similar bank entries of each image, no two of them alike.</summary>
    /// <inheritdoc cref="IAnomalyDetector.NearestItems"/>
    public Tensor NearestItems(Tensor images, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        return Bank.NearestDistinct(scoring.Embed(images), count).MoveToOuterDisposeScope();
    }

    /// <summary>Cosine similarities of each image to bank entries of its own.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <param name="items">Rows of the bank, int64 [B, m].</param>
    /// <returns>float64 [B, m], differentiable; the caller disposes it.</returns>
    public Tensor Outputs(Tensor images, Tensor items)
    {
        using DisposeScope scope = NewDisposeScope();
        return Bank.Similarities(scoring.Embed(images), items).MoveToOuterDisposeScope();
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
        Card = Card with { Calibration = OperatingPoint.Find(images => FiniteScore.Of(this, images), goodImages, Device, falseAlarmRate, heldOut: true) };

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

    bool IUpdatable.HasBank => true;

    /// <summary>A maximum over the bank grows with it, and so the score falls; means and centers may move either way.</summary>
    bool IUpdatable.ScoresOnlyFall => Card.Score is CobraScore.Similarity or CobraScore.InnerProduct or CobraScore.Sum or CobraScore.Classifier or CobraScore.LogOdds;

    void IUpdatable.Extend(ImageSet goodImages)
    {
        using EmbeddingBank added = EmbeddingBank.Of(network, goodImages, Device);
        EmbeddingBank extended = new(cat([Bank.Embeddings, added.Embeddings]), Bank.MemoryLimit);
        Bank.Dispose();
        prototypes.Dispose();
        (Bank, prototypes) = (extended, extended.Prototypes(PrototypeCount));
    }

    void IUpdatable.Record(ModelUpdate? update, ScoreCalibration calibration) =>
        Card = Card with { Calibration = calibration, History = update is null ? Card.History : [.. Card.History, update] };

    /// <summary>The bank holds these images, and the nearest entry of each is itself: its second nearest counts.</summary>
    void ISelfCalibrating.CalibrateOnTraining(ImageSet training, double falseAlarmRate)
    {
        Card = Card with { Calibration = OperatingPoint.Find(images => Score(images, form, leftOut: 1), training, Device, falseAlarmRate, heldOut: false) };
    }

    /// <summary>Writes the model file; it appears complete or not at all.</summary>
    /// <param name="path">The <c>.cobra</c> file to make or replace.</param>
    public void Save(string path) => CobraModelFile.Write(path, this);

    /// <summary>Reads a model file. On the CPU a bank of more than 1 GiB is verified, but stays in the file, which must not be changed in place meanwhile.</summary>
    /// <param name="path">A file written by <see cref="Save"/>.</param>
    /// <param name="device">Where the detector runs; the CPU when <see langword="null"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of a newer format, or holds something else.</exception>
    public static CobraDetector Load(string path, Device? device = null)
    {
        TiledModelFile.RequireNone(path);
        return CobraModelFile.Read(path, device);
    }

    /// <summary>Reads a model file and lets the detector report another of the scores, for which it has no threshold.</summary>
    internal static CobraDetector Load(string path, Device device, CobraScore score, CobraScoreConstants constants) => CobraModelFile.Read(path, device, (score, constants));

    /// <summary>Reads what a model file says about itself, without its tensors.</summary>
    /// <param name="path">A file written by <see cref="Save"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, of a newer format, or holds something else.</exception>
    public static CobraModelCard LoadCard(string path)
    {
        TiledModelFile.RequireNone(path);
        return CobraModelFile.ReadCard(path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        network.Dispose();
        scoring.Dispose();
        Bank.Dispose();
        prototypes.Dispose();
    }

    /// <summary>What an attacker of a score may climb instead.</summary>
    internal IReadOnlyList<ScoreSurrogate> SurrogatesOf(ScoreForm score) =>
        [.. CobraScores.SurrogatesOf(score, Card.Options.ClassificationWeight > 0).Select(other => ScoreSurrogate.OfFeatures(other.Name, Encode, score.Of, other.Of))];

    internal Tensor Score(Tensor images, ScoreForm form, int leftOut = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        return form.Of(Encode(images) with { LeftOut = leftOut }).MoveToOuterDisposeScope();
    }

    private ScoreInput Encode(Tensor images) => new(scoring.call(images), Bank, LeftOut: 0);
}
