using CobraAD.Losses;
using CobraAD.Methods.Common;
using CobraAD.Optimization;
using CobraAD.Serialization.Archive;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Apae;

/// <summary>
/// APAE: an autoencoder trained with SmoothL1; then the weight of each pixel, 1/(1e-3 + median of its error over the training images),
/// and the step of the descent.
/// Formulas, presets and departures from the original: docs/reference/methods/apae.md.
/// </summary>
internal sealed class ApaeMethod : NetworkMethod<ApaeOptions, ApaeNetwork>
{
    private const double WeightFloor = 1e-3;

    /// <summary>Images on which the curvature is measured, and rounds of power iteration.</summary>
    private const int CurvatureImages = 256, CurvatureRounds = 20;

    /// <summary>Keeps the power iteration finite where the curvature is zero, without a rounding of any other direction.</summary>
    private const double SmallestLength = 1e-30;

    /// <summary>Most bytes of errors whose median is taken; beyond it the first images speak for all.</summary>
    private const long MostErrorBytes = 1L << 30;

    public override string Name => "apae";

    public override string Title => "APAE, approximate projection autoencoder (Goodge et al. 2020)";

    protected override string NameOf(ApaeOptions options) => options.ProjectionSteps == 0 ? "APAE, without projection" : "APAE";

    protected override ApaeOptions OptionsOf(string preset, int imageSize) => preset == "tiny"
        ? new ApaeOptions { Preset = preset, Channels = [8, 16], CodeSize = 16, ProjectionSteps = 20, Epochs = 40, BatchSize = 32, LearningRate = 3e-3 }
        : new ApaeOptions();

    protected override ApaeNetwork Create(ApaeOptions options, int height, int width, Generator rng) => new(options, height, width, rng);

    protected override MethodDetector<ApaeOptions> Fit(ApaeOptions options, TrainingLoop run, ApaeNetwork network, Func<MethodCard<ApaeOptions>> finish)
    {
        using (Optimizer optimizer = Optimizers.Create(new OptimizerOptions { Name = "adam", Beta1 = 0.5, Beta2 = 0.999, WeightDecay = 0 }, network.named_parameters()))
        {
            run.Train(TrainingPhase.Network, "autoencoder", options.Epochs, options.BatchSize, batch =>
                Descent.Step(optimizer, ApaeScore.Errors(network.call(batch.Images), batch.Images).mean(), options.LearningRate));
        }

        double step = options.ProjectionRate / Curvature(run, network);
        network.SetScore(network.Weights, step);
        using Tensor weights = Weights(run, network, new ApaeScore(network, options.ProjectionSteps));
        network.SetScore(weights, step);
        return new ApaeDetector(finish(), network);
    }

    protected override MethodDetector<ApaeOptions> Restore(MethodCard<ApaeOptions> card, ApaeNetwork network, ModelArchive archive, string path, Device device) =>
        new ApaeDetector(card, network);

    /// <summary>
    /// The largest eigenvalue of the second derivative of ½ ‖D(z) - x‖² at the training images' codes, by power iteration. Steps above
    /// two over it overshoot.
    /// </summary>
    private static double Curvature(TrainingLoop run, ApaeNetwork network)
    {
        double largest = 0;
        using Generator rng = run.Streams.Create("curvature");
        run.ForEachBatch(
            images =>
            {
                Tensor codes = network.Encoder.call(images);
                Tensor direction = UnitLength.Of(randn(codes.shape, generator: rng).to(codes.device), SmallestLength);
                for (int round = 0; round < CurvatureRounds; round++)
                {
                    using DisposeScope scope = NewDisposeScope();
                    (Tensor curved, _) = Projection.HessianTimes(network.Decoder, codes, images, direction);
                    double quotient = (curved * direction).sum([1]).max().item<float>();
                    largest = Math.Max(largest, quotient);
                    direction = UnitLength.Of(curved, SmallestLength).MoveToOuterDisposeScope();
                }
            },
            CurvatureImages);
        // Only a decoder that ignores its code has no curvature, and then no step has any effect.
        return Math.Max(largest, 1e-12);
    }

    private static Tensor Weights(TrainingLoop run, ApaeNetwork network, ApaeScore score)
    {
        using DisposeScope scope = NewDisposeScope();
        int most = (int)Math.Clamp(MostErrorBytes / (sizeof(float) * network.Weights.numel()), 1, run.Images.Count);
        Tensor errors = run.ForAll(images => ApaeScore.Errors(network.Decoder.call(score.Project(images)), images), most);
        return (1 / (WeightFloor + errors.sort(0).Values[(errors.size(0) - 1) / 2])).MoveToOuterDisposeScope();
    }
}
