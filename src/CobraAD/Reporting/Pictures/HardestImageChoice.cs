using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Evaluation.Robustness;
using CobraAD.Numerics;
using static TorchSharp.torch;

namespace CobraAD.Reporting.Pictures;

/// <summary>
/// Chooses the images on which an attack did the most harm. Harm is the share of images of the other class that the image was ranked
/// correctly against when all were untouched and no longer is when all are attacked; ties go to the larger change of score.
/// </summary>
internal static class HardestImageChoice
{
    public static IReadOnlyList<HardImage> From(RobustnessResult result, AnomalyBenchmark benchmark, int count)
    {
        IReadOnlyList<double> clean = result.Clean.Scores, attacked = result.Union.Scores;
        double[] before = CorrectShares(clean, result.IsAnomalous), after = CorrectShares(attacked, result.IsAnomalous);
        int[] order = [.. Enumerable.Range(0, clean.Count).OrderByDescending(i => before[i] - after[i]).ThenByDescending(i => Math.Abs(attacked[i] - clean[i])).ThenBy(i => i)];
        int[] normals = [.. order.Where(i => !result.IsAnomalous[i]).Take((count + 1) / 2)];
        int[] anomalies = [.. order.Where(i => result.IsAnomalous[i]).Take(count / 2)];
        int[] chosen = [.. normals, .. anomalies];
        if (chosen.Length == 0) return [];

        using Tensor cleanImages = result.Ledger.CleanImages(chosen), attackedImages = result.Ledger.WorstImages(chosen);
        return [.. chosen.Select((image, row) => Describe(result, benchmark, image, cleanImages[row], attackedImages[row]))];
    }

    private static HardImage Describe(RobustnessResult result, AnomalyBenchmark benchmark, int image, Tensor clean, Tensor attacked)
    {
        using (clean)
        using (attacked)
        {
            using IDisposable scope = NewDisposeScope();
            Tensor difference = attacked.sub(clean);
            double largest = difference.abs().max().item<float>();
            double norm = result.Threat.Norm == Norm.Linf ? largest : difference.square().sum().sqrt().item<float>();
            // The largest change fills the range; a power of two keeps factors comparable between images.
            double magnification = largest > 0 ? Math.Clamp(Math.Pow(2, Math.Floor(Math.Log2(0.5 / largest) + 1e-6)), 1, 256) : 1;
            int index = result.Sample[image];
            string label = result.IsAnomalous[image] ? "anomalous" : "normal", source = Path.GetFileName(benchmark.Test.Sources[index]);
            return new HardImage
            {
                Source = source,
                IsAnomalous = result.IsAnomalous[image],
                Kind = benchmark.TestKinds[index],
                CleanScore = result.Clean.Scores[image],
                AttackedScore = result.Union.Scores[image],
                Attack = result.Ledger[image].FoundBy,
                PerturbationNorm = norm,
                Clean = new ReportImage(PngImage.Encode(clean), $"The untouched {label} image {source}"),
                Attacked = new ReportImage(PngImage.Encode(attacked), $"The attacked {label} image {source}"),
                Perturbation = new ReportImage(PngImage.EncodePerturbation(clean, attacked, magnification), $"What the attack changed in {source}, magnified"),
                Magnification = magnification,
            };
        }
    }

    private static double[] CorrectShares(IReadOnlyList<double> scores, IReadOnlyList<bool> isAnomalous)
    {
        double[] normals = [.. scores.Where((_, i) => !isAnomalous[i]).Order()], anomalies = [.. scores.Where((_, i) => isAnomalous[i]).Order()];
        return [.. scores.Select((score, i) => isAnomalous[i] ? Ascending.Below(normals, score) / (double)normals.Length : 1 - Ascending.UpTo(anomalies, score) / (double)anomalies.Length)];
    }
}
