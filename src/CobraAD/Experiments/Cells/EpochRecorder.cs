using CobraAD.Attacks;
using CobraAD.Datasets;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Cells;

/// <summary>Evaluates the network that a training's checkpoint holds after every epoch.</summary>
internal sealed class EpochRecorder(string checkpointPath, ExperimentCell cell, AnomalyBenchmark benchmark, Device device) : IProgress<TrainingProgress>
{
    private readonly SortedDictionary<string, CellValue> values = new(StringComparer.Ordinal);

    public string CheckpointPath => checkpointPath;

    public IReadOnlyDictionary<string, CellValue> Values => values;

    public void Report(TrainingProgress value)
    {
        // The checkpoint of a finished epoch is written before it is reported.
        if (value.Finished is not { } epoch) return;
        using CobraDetector detector = CobraCheckpoint.ReadDetector(checkpointPath, cell.Cobra, benchmark.Train, device);
        RobustnessEvaluator evaluator = new(
            detector, ThreatModel.Parse(cell.Threat), [.. cell.Attacks.Select(AttackRecipe.Parse)],
            new RobustnessOptions { SamplesPerClass = cell.SamplesPerClass, Seed = cell.Options.Seed });
        using RobustnessResult result = evaluator.Evaluate(benchmark);
        string name = FormattableString.Invariant($"epoch {epoch.Epoch:0000}");
        values[$"{name}.loss"] = new CellValue(epoch.Loss);
        values[$"{name}.clean.auroc"] = new CellValue(result.Clean.Metrics.Auroc, result.Clean.Intervals.Auroc.Low, result.Clean.Intervals.Auroc.High);
        values[$"{name}.pgd.auroc"] = new CellValue(result.Union.Metrics.Auroc, result.Union.Intervals.Auroc.Low, result.Union.Intervals.Auroc.High);
    }
}
