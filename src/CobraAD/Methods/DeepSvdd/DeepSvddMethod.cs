using CobraAD.Methods.Common;
using CobraAD.Optimization;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.DeepSvdd;

/// <summary>
/// DeepSVDD: an encoder that maps normal images close to a centre. Autoencoder pre-training, c = mean of φ over the training images,
/// then min (1/n) Σ ‖φ(x) - c‖², or with a soft boundary min R² + (1/ν) (1/n) Σ max(0, ‖φ(x) - c‖² - R²).
/// Formulas, presets and departures from the original: docs/reference/methods/deepsvdd.md.
/// </summary>
internal sealed class DeepSvddMethod : NetworkMethod<DeepSvddOptions, LeNetEncoder>
{
    /// <summary>Entries of the centre nearer to 0 are moved to this distance: a zero weight must not solve the task.</summary>
    private const double LeastCentre = 0.1;

    public override string Name => "deepsvdd";

    public override string Title => "DeepSVDD (Ruff et al. 2018)";

    public override IReadOnlyList<string> Presets => ["default", "mnist", "tiny"];

    protected override string Group => "encoder";

    protected override string NameOf(DeepSvddOptions options) => options.Objective == DeepSvddObjective.OneClass ? "DeepSVDD" : "DeepSVDD, soft boundary";

    protected override DeepSvddOptions OptionsOf(string preset, int imageSize) => preset switch
    {
        "mnist" => new DeepSvddOptions { Preset = preset, Channels = [8, 4], EmbeddingSize = 32, PretrainingEpochs = 150, PretrainingMilestone = 50, PretrainingWeightDecay = 0.5e-3 },
        "tiny" => new DeepSvddOptions
        {
            Preset = preset,
            Channels = [8, 16],
            EmbeddingSize = 32,
            PretrainingEpochs = 6,
            PretrainingMilestone = 4,
            Epochs = 6,
            Milestone = 4,
            WarmUpEpochs = 2,
            LearningRate = 2e-3,
            BatchSize = 32,
        },
        _ => new DeepSvddOptions(),
    };

    protected override LeNetEncoder Create(DeepSvddOptions options, int height, int width, Generator rng) => new(options, height, width, rng);

    protected override MethodDetector<DeepSvddOptions> Fit(DeepSvddOptions options, TrainingLoop run, LeNetEncoder encoder, Func<MethodCard<DeepSvddOptions>> finish)
    {
        ContrastNormalization contrast = ContrastNormalization.Of(run);
        using (Generator rng = run.Streams.Create("decoder"))
        using (LeNetDecoder decoder = new(options, run.Images.Height, run.Images.Width, rng))
        {
            decoder.to(run.Device);
            Pretrain(options, run, contrast, encoder, decoder);
        }

        encoder.eval();
        Tensor centre = Centre(run.ForAll(images => encoder.call(contrast.Apply(images))));
        double squaredRadius = Train(options, run, contrast, encoder, centre);
        return new DeepSvddDetector(finish(), encoder, contrast, centre, squaredRadius);
    }

    protected override MethodDetector<DeepSvddOptions> Restore(MethodCard<DeepSvddOptions> card, LeNetEncoder encoder, ModelArchive archive, string path, Device device)
    {
        using Tensor constants = Take(archive, "score", "constants", path, CPU);
        double[] values = constants.data<double>().ToArray();
        if (values.Length != 3) throw new ModelFormatException($"{path}: expected three constants of the score, found {values.Length}. Train the model again.");
        return new DeepSvddDetector(card, encoder, new ContrastNormalization(values[0], values[1]), Take(archive, "score", "centre", path, device), values[2]);
    }

    private static void Pretrain(DeepSvddOptions options, TrainingLoop run, ContrastNormalization contrast, LeNetEncoder encoder, LeNetDecoder decoder)
    {
        using Optimizer optimizer = Optimizers.Create(
            new OptimizerOptions { Name = "adam", WeightDecay = options.PretrainingWeightDecay },
            [.. encoder.named_parameters(), .. decoder.named_parameters().Select(entry => ($"decoder.{entry.name}", entry.parameter))]);
        encoder.train();
        decoder.train();
        run.Train(TrainingPhase.Preparation, "autoencoder", options.PretrainingEpochs, options.BatchSize, batch =>
        {
            Tensor wanted = contrast.Apply(batch.Images);
            Tensor loss = (decoder.call(encoder.call(wanted)) - wanted).square().sum([1, 2, 3]).mean();
            Descent.Step(optimizer, loss, Rate(options, batch.Epoch, options.PretrainingMilestone));
            return loss;
        });
    }

    /// <summary>Trains the encoder and returns R², which is 0 without a soft boundary.</summary>
    private static double Train(DeepSvddOptions options, TrainingLoop run, ContrastNormalization contrast, LeNetEncoder encoder, Tensor centre)
    {
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "adam", WeightDecay = options.WeightDecay }, encoder.named_parameters());
        double squaredRadius = 0;
        encoder.train();
        run.Train(TrainingPhase.Network, "encoder", options.Epochs, options.BatchSize, batch =>
        {
            Tensor distance = (encoder.call(contrast.Apply(batch.Images)) - centre).square().sum([1]);
            Tensor loss = options.Objective == DeepSvddObjective.OneClass
                ? distance.mean()
                : (distance - squaredRadius).relu().mean() / options.OutlierShare + squaredRadius;
            Descent.Step(optimizer, loss, Rate(options, batch.Epoch, options.Milestone));
            if (options.Objective == DeepSvddObjective.SoftBoundary && batch.Epoch >= options.WarmUpEpochs)
                squaredRadius = Quantile(distance, 1 - options.OutlierShare);
            return loss;
        });
        encoder.eval();
        return squaredRadius;
    }

    private static double Rate(DeepSvddOptions options, int epoch, int milestone) => epoch < milestone ? options.LearningRate : options.LearningRate / 10;

    private static double Quantile(Tensor distances, double share)
    {
        Tensor values = distances.detach().to(ScalarType.Float64);
        return values.quantile(tensor(share, ScalarType.Float64).to(values.device)).item<double>();
    }

    private static Tensor Centre(Tensor embeddings)
    {
        using DisposeScope scope = NewDisposeScope();
        using Tensor all = embeddings;
        Tensor mean = all.mean([0]);
        Tensor pushed = where(mean < 0, full_like(mean, -LeastCentre), full_like(mean, LeastCentre));
        return where(mean.abs() < LeastCentre, pushed, mean).MoveToOuterDisposeScope();
    }
}
