using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Robustness;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Cells.Measures;

/// <summary>Loss and AUROC after every epoch of a training (paper, Figure 4).</summary>
internal static class EpochMeasure
{
    /// <param name="cell">The cell.</param>
    /// <param name="benchmark">Its images.</param>
    /// <param name="checkpoint">A file for the training's state; gone afterwards.</param>
    /// <param name="device">Where networks run.</param>
    /// <param name="cancellation">Stops the training.</param>
    public static CellFindings Run(ExperimentCell cell, AnomalyBenchmark benchmark, string checkpoint, Device device, CancellationToken cancellation)
    {
        Recorder recorder = new(checkpoint, cell, benchmark, device);
        Directory.CreateDirectory(Path.GetDirectoryName(checkpoint)!);
        using CobraDetector detector = new CobraTrainer(cell.Cobra).Train(
            benchmark.Train, new TrainingSession { Device = device, CheckpointPath = checkpoint, Progress = recorder, Cancellation = cancellation });
        File.Delete(checkpoint);
        int anomalies = benchmark.TestIsAnomalous.Count(isAnomalous => isAnomalous);
        return new CellFindings(recorder.Values, benchmark.Test.Count - anomalies, anomalies) { TrainingSeconds = ((IModelCard)detector.Card).TrainingSeconds };
    }

    /// <summary>Evaluates the network that a training's checkpoint holds after every epoch.</summary>
    private sealed class Recorder(string checkpoint, ExperimentCell cell, AnomalyBenchmark benchmark, Device device) : IProgress<TrainingProgress>
    {
        public SortedDictionary<string, CellValue> Values { get; } = new(StringComparer.Ordinal);

        public void Report(TrainingProgress value)
        {
            // The checkpoint of a finished epoch is written before it is reported.
            if (value.Finished is not { } epoch) return;
            using CobraDetector detector = CobraCheckpoint.ReadDetector(checkpoint, cell.Cobra, benchmark.Train, device);
            using RobustnessResult result = CellAttack.Evaluate(cell, detector, benchmark, cell.SamplesPerClass);
            string name = FormattableString.Invariant($"epoch {epoch.Epoch:0000}");
            (double clean, double attacked) = Losses();
            Values[$"{name}.clean.loss"] = new CellValue(clean);
            Values[$"{name}.pgd.loss"] = new CellValue(attacked);
            Values[$"{name}.clean.auroc"] = CellValue.Of(result.Clean.Metrics.Auroc, result.Clean.Intervals.Auroc);
            Values[$"{name}.union.auroc"] = CellValue.Of(result.Union.Metrics.Auroc, result.Union.Intervals.Auroc);
        }

        /// <summary>Both losses of the network that the checkpoint holds; the training itself is not touched.</summary>
        private (double Clean, double Attacked) Losses()
        {
            using CobraRun run = CobraCheckpoint.Read(checkpoint, cell.Cobra, benchmark.Train, new TrainingSession { Device = device });
            return run.Losses();
        }
    }
}
