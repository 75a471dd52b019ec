using System.Globalization;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Metrics;
using CobraAD.Methods;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Features;

/// <summary>What would change if the ImageNet package held its convolutions in float16: features of test images, scores and AUROC of methods that use it.</summary>
/// <param name="data">The data set's folder.</param>
/// <param name="output">Where a Markdown table goes.</param>
internal sealed class HalfWeights(string data, TextWriter output)
{
    /// <summary>Trains each method with both weights.</summary>
    /// <param name="methods">Names of methods that take a backbone.</param>
    public void Run(IReadOnlyList<string> methods)
    {
        string file = Path.Combine(Path.GetTempPath(), $"half-{Environment.ProcessId}.safetensors");
        try
        {
            using AnomalyBenchmark benchmark = DatasetLoader.Open(data);
            BackboneOptions rounded = BackboneOptions.Packaged with { Package = null, File = file };
            Round(file);
            CompareFeatures(benchmark.Test, rounded);
            output.WriteLine("| method | AUROC, float32 | AUROC, float16 | largest difference of a score | as a share of the scores' deviation | changed decisions |\n|---|---|---|---|---|---|");
            foreach (string method in methods) Compare(method, benchmark, rounded);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Statistics of the normalisations stay: their variances reach beyond float16, and they are a thousandth of the file.</summary>
    private static void Round(string file)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator unused = new(0, CPU);
        using Backbone full = BackboneStore.Open(BackboneOptions.Packaged, unused);
        Dictionary<string, Tensor> tensors = full.Network.state_dict().ToDictionary(
            pair => pair.Key, pair => pair.Value.dim() < 4 ? pair.Value.alias() : pair.Value.detach().to(ScalarType.Float16).to(ScalarType.Float32).contiguous());
        Safetensors.Write(file, tensors);
    }

    private void CompareFeatures(ImageSet images, BackboneOptions rounded)
    {
        using IDisposable frozen = no_grad();
        using Generator unused = new(0, CPU);
        using Backbone full = BackboneStore.Open(BackboneOptions.Packaged, unused).Fold(), half = BackboneStore.Open(rounded, unused).Fold();
        double largest = 0, scale = 0, angle = 1;
        for (int first = 0; first < images.Count; first += 16)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor batch = images.Batch(first, Math.Min(16, images.Count - first)), one = full.Features(batch), other = half.Features(batch);
            largest = Math.Max(largest, (one - other).abs().max().item<float>());
            scale = Math.Max(scale, one.abs().max().item<float>());
            angle = Math.Min(angle, nn.functional.cosine_similarity(one.to(ScalarType.Float64), other.to(ScalarType.Float64), dim: 1).min().item<double>());
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Features of {images.Count} test images: largest difference {largest:G3} beside numbers up to {scale:G3}; smallest cosine 1 - {1 - angle:G3}.\n"));
    }

    private void Compare(string method, AnomalyBenchmark benchmark, BackboneOptions rounded)
    {
        DetectorOptions options = DetectionMethods.Get(method).Preset("default", 224);
        double[] full = Scores(((IBackboneUser)options).With(BackboneOptions.Packaged), out double threshold), half = Scores(((IBackboneUser)options).With(rounded), out double other);
        double mean = full.Average(), deviation = Math.Sqrt(full.Average(score => (score - mean) * (score - mean))), largest = full.Zip(half, (one, two) => Math.Abs(one - two)).Max();
        int changed = full.Zip(half).Count(pair => pair.First > threshold != pair.Second > other);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {method} | {Auroc(full):0.00000} | {Auroc(half):0.00000} | {largest:G3} | {largest / deviation:G3} | {changed} of {full.Length} |"));

        double Auroc(double[] scores) => DetectionMetrics.Compute(scores, benchmark.TestIsAnomalous).Auroc;

        double[] Scores(DetectorOptions chosen, out double threshold)
        {
            using ITrainedDetector detector = DetectionMethods.Train(chosen, benchmark.Train);
            threshold = detector.Card.Calibration.Threshold;
            return detector.ScoreAll(benchmark.Test);
        }
    }
}
