using BenchmarkDotNet.Attributes;
using CobraAD.Evaluation.Metrics;
using CobraAD.Imaging;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Reporting.Pictures;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Kernels;

/// <summary>What happens around the network when images are scored and evaluated.</summary>
public class ScoringKernels
{
    private readonly ImageReader reader = new();
    private byte[] png = [];
    private double[] scores = [];
    private bool[] labels = [];
    private EmbeddingBank bank = null!;
    private Tensor queries = null!;

    [GlobalSetup]
    public void Setup()
    {
        using Generator rng = new(1, CPU);
        using Tensor image = rand([3, 256, 256], generator: rng);
        using Tensor values = randn([10_000], dtype: ScalarType.Float64, generator: rng);
        png = PngImage.Encode(image);
        scores = values.data<double>().ToArray();
        labels = [.. scores.Select((score, i) => i % 2 == 0)];
        bank = new EmbeddingBank(randn([6000, 128], generator: rng));
        queries = randn([64, 128], generator: rng);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        bank.Dispose();
        queries.Dispose();
    }

    /// <summary>A PNG of noise, 256 × 256, the worst there is to decode.</summary>
    [Benchmark]
    public object Decode() => reader.Read(png, "noise");

    [Benchmark]
    public object Resize() => reader.Read(png, "noise").Resize(224, 224);

    [Benchmark]
    public DetectionMetrics Metrics() => DetectionMetrics.Compute(scores, labels);

    [Benchmark]
    public void Search()
    {
        using IDisposable frozen = no_grad();
        bank.MostSimilar(queries, 1).Dispose();
    }
}
