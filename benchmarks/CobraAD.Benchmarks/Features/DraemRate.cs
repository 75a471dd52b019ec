using System.Globalization;
using CobraAD.Datasets;
using CobraAD.Evaluation.Metrics;
using CobraAD.Losses.Pixels;
using CobraAD.Methods;
using CobraAD.Methods.Draem;
using CobraAD.PseudoAnomalies.Sources;
using CobraAD.PseudoAnomalies.Textures;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Features;

/// <summary>
/// DRAEM's "tiny" at several learning rates, judged by good images alone: every fifth is held out of the training, and the loss of its kind with and
/// without a pasted texture says how good a rate is. No test image is opened.
/// </summary>
/// <param name="images">Good images.</param>
/// <param name="name">Of the data.</param>
/// <param name="output">Where rows of a Markdown table go.</param>
internal sealed class DraemRate(ImageSet images, string name, TextWriter output)
{
    private const int Fold = 5, Draws = 4;

    /// <summary>The table's head.</summary>
    public static void Head(TextWriter output) => output.WriteLine("| images | learning rate | loss of held-out images | of it the focal loss | AUROC of the pasted against the untouched |\n|---|---|---|---|---|");

    /// <summary>Trains at every rate.</summary>
    public void Run(IReadOnlyList<double> rates)
    {
        using ImageSet train = images.Subset([.. Enumerable.Range(0, images.Count).Where(i => i % Fold != 0)]), held = images.Subset([.. Enumerable.Range(0, images.Count).Where(i => i % Fold == 0)]);
        DraemOptions tiny = (DraemOptions)DetectionMethods.Get("draem").Preset("tiny", images.Height);
        foreach (double rate in rates)
        {
            using DraemDetector detector = (DraemDetector)DetectionMethods.Train(tiny with { LearningRate = rate }, train);
            (double loss, double focal, double auroc) = Judge(detector, tiny, held);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name}, {train.Count} + {held.Count} of {images.Height} px | {rate:G} | {loss:0.0000} | {focal:0.0000} | {auroc:0.000} |"));
        }
    }

    private static (double Loss, double Focal, double Auroc) Judge(DraemDetector detector, DraemOptions options, ImageSet held)
    {
        using IDisposable frozen = no_grad();
        PerlinAnomalies anomalies = new(new ProceduralTextures());
        // The same anomalies for every rate.
        using Generator rng = new(0, CPU);
        List<double> losses = [], focals = [], scores = [];
        List<bool> pasted = [];
        for (int draw = 0; draw < Draws; draw++)
        {
            for (int first = 0; first < held.Count; first += 16)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor wanted = held.Batch(first, Math.Min(16, held.Count - first));
                (Tensor crafted, Tensor masks) = anomalies.CraftWithMasks(wanted, rng);
                foreach ((Tensor shown, Tensor mask) in ((Tensor, Tensor)[])[(crafted, masks), (wanted, zeros_like(masks))])
                {
                    Tensor reconstructed = detector.Network.Reconstruct(shown);
                    Tensor focal = FocalLoss.Of(detector.Network.Segment(shown, reconstructed), mask, options.Focus);
                    double weight = wanted.size(0);
                    focals.AddRange(Enumerable.Repeat((double)focal.item<float>(), (int)weight));
                    losses.AddRange(Enumerable.Repeat((double)((reconstructed - wanted).square().mean() + 1 - Ssim.Mean(reconstructed, wanted) + focal).item<float>(), (int)weight));
                    scores.AddRange(detector.Score(shown).data<double>().ToArray());
                    pasted.AddRange(Enumerable.Repeat(ReferenceEquals(shown, crafted), (int)weight));
                }
            }
        }

        return (losses.Average(), focals.Average(), DetectionMetrics.Compute(scores, pasted).Auroc);
    }
}
