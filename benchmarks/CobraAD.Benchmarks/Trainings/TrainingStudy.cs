using System.Diagnostics;
using System.Text.Json;
using CobraAD.Benchmarks.Scores;
using CobraAD.Datasets;
using CobraAD.Evaluation.Metrics;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Choice;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using CobraAD.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Trainings;

/// <summary>
/// Ideas for the training, each trained on every class and seed and attacked under every score. A training that was done stays in the folder as a
/// JSON file and is not done again. Test images judge here; nothing of it goes back into a training.
/// </summary>
internal sealed class TrainingStudy(TrainingStudyOptions options, string folder, TextWriter output)
{
    /// <summary>Trains what is missing, one variant after the other, and prints a line for each training.</summary>
    public void Run()
    {
        Directory.CreateDirectory(folder);
        foreach (TrainingVariant variant in options.Variants)
        {
            foreach (string? normal in options.NormalClasses)
            {
                foreach (long seed in options.Seeds) ResultOf(variant, normal, seed);
            }
        }
    }

    /// <summary>What is in the folder, compared with the preset as it is on the same classes and seeds.</summary>
    public void Report() => new TrainingTable(Directory.EnumerateFiles(folder, "*.json").Select(Read)).Write(output);

    private void ResultOf(TrainingVariant variant, string? normal, long seed)
    {
        string data = Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Data)), path = Path.Combine(folder, $"{data}-{normal ?? "all"}-{seed}-{variant.Name}.json");
        if (File.Exists(path)) return;
        TrainingResult result = Train(variant, data, normal, seed);
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, result, CobraJson.Options));
        ScoredTraining chosen = result.Scores[result.Chosen];
        output.WriteLine(FormattableString.Invariant($"{Path.GetFileName(path)}: {100 * chosen.Clean:0.0} / {100 * chosen.Attacked:0.0} by {result.Chosen}, {result.Seconds:0} s"));
    }

    private TrainingResult Train(TrainingVariant variant, string data, string? normal, long seed)
    {
        using AnomalyBenchmark benchmark = DatasetLoader.Open(options.Data, new DatasetOptions
        {
            NormalClass = normal,
            ImageSize = options.ImageSize,
            MaxTrain = options.MaxTrain,
            MaxTest = options.MaxTest,
            Seed = seed,
        });
        CobraOptions training = CobraPresets.Get(options.Preset, Math.Max(benchmark.Train.Height, benchmark.Train.Width)) with { Seed = seed, Score = CobraScore.Auto };
        if (options.Epsilon is { } wanted) training = training with { Attack = training.Attack! with { Epsilon = wanted } };
        double radius = training.Attack!.Epsilon;
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        using CobraDetector detector = new CobraTrainer(variant.Change(training)).Train(benchmark.Train);
        double seconds = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;

        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = detector.Network.Fold();
        (string Name, ScoreForm Form)[] forms = [.. ComparedScores.Of(detector), ("chosen", detector.Form)];
        SharedAscent ascent = new(network, detector.Bank, [.. forms.DistinctBy(form => form.Form.Name).Select(form => form.Form)]);
        string[] names = [.. forms.DistinctBy(form => form.Form.Name).Select(form => form.Name)];
        (double[] clean, double[] attacked) = (Auroc(ascent, benchmark, 0), Auroc(ascent, benchmark, radius));
        return new TrainingResult(
            variant.Name, data, normal, seed, seconds, forms.First(form => form.Form.Name == detector.Form.Name).Name,
            names.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => new ScoredTraining(clean[pair.i], attacked[pair.i])));
    }

    private double[] Auroc(SharedAscent ascent, AnomalyBenchmark benchmark, double epsilon)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(11, CPU);
        Tensor raised = Worst(anomalous: false, +1), lowered = Worst(anomalous: true, -1);
        bool[] labels = [.. Enumerable.Repeat(false, (int)raised.size(1)), .. Enumerable.Repeat(true, (int)lowered.size(1))];
        return [.. Enumerable.Range(0, (int)raised.size(0)).Select(row => DetectionMetrics.Compute(cat([raised[row], lowered[row]]).data<double>().ToArray(), labels).Auroc)];

        Tensor Worst(bool anomalous, int sign)
        {
            long[] rows = [.. Enumerable.Range(0, benchmark.Test.Count).Where(i => benchmark.TestIsAnomalous[i] == anomalous).Select(i => (long)i)];
            return ascent.Worst(benchmark.Test.Batch(rows), sign, epsilon, epsilon > 0 ? options.Steps : 1, rng);
        }
    }

    private static TrainingResult Read(string path) => CobraJson.FromNode<TrainingResult>(CobraJson.Parse(File.ReadAllBytes(path)), path);
}
