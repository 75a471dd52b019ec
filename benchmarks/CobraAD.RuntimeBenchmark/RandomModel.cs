using CobraAD.Detection;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.PseudoAnomalies;
using CobraAD.Serialization.Archive;
using static TorchSharp.torch;

namespace CobraAD.RuntimeBenchmark;

/// <summary>A ResNet-18 detector with random weights and a bank of 1,000 random entries: what is measured does not depend on training.</summary>
internal static class RandomModel
{
    public static CobraDetector Create(int size, ResNetStem stem)
    {
        using Generator rng = new(1, CPU);
        CobraOptions options = new() { Network = new CobraNetworkOptions { Encoder = new ResNetOptions { Stem = stem } } };
        CobraNetwork network = new(options.Network, rng);
        EmbeddingBank bank = new(randn([1000, options.Network.EmbeddingSize], generator: rng));
        ScoreCalibration calibration = new(-0.5, 0.1, 0.05, 0.1, 20, true);
        ModelData data = new("random", "folder", 1000, size, size, "");
        return new CobraDetector(network, bank, new CobraModelCard(options, data, calibration, new CobraHealth(new PseudoAnomalyRecord(options.PseudoAnomalies, null, PseudoAnomalyStatistics.None), [], 0)));
    }
}
