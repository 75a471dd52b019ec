using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Cells.Measures;

/// <summary>Attacks the transformation classifier alone, taken for a detector (paper, Table 11).</summary>
internal static class LikelihoodMeasure
{
    public static CellFindings Run(ExperimentCell cell, AnomalyBenchmark benchmark, Device device, CancellationToken cancellation)
    {
        PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(
            benchmark.Train, cell.Cobra.PseudoAnomalies, new RandomStreams(cell.Options.Seed), device, cancellation: cancellation);
        using TransformationDetector detector = new(generator, device);
        return CellAttack.Measure(cell, detector, benchmark, device, cancellation);
    }
}
