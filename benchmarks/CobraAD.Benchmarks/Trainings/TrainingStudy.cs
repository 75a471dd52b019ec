using System.Diagnostics;
using System.Text.Json;
using CobraAD.Benchmarks.Scores;
using CobraAD.Datasets;
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
internal sealed class TrainingStudy(string folder, TextWriter output)
{
    /// <summary>Trains what is missing, one variant after the other, and prints a line for each training.</summary>
    /// <param name="trainings">Classes and seeds.</param>
    /// <param name="variants">The ideas; the preset as it is comes first.</param>
    public void Run(IReadOnlyList<ScoreStudyOptions> trainings, IEnumerable<TrainingVariant> variants)
    {
        Directory.CreateDirectory(folder);
        foreach (TrainingVariant variant in variants)
        {
            foreach (ScoreStudyOptions one in trainings) ResultOf(variant, one);
        }
    }

    /// <summary>What is in the folder, compared with the preset as it is on the same classes and seeds.</summary>
    public void Report() => new TrainingTable(Directory.EnumerateFiles(folder, "*.json").Select(Read)).Write(output);

    private void ResultOf(TrainingVariant variant, ScoreStudyOptions one)
    {
        string data = Path.GetFileName(Path.TrimEndingDirectorySeparator(one.Data)), path = Path.Combine(folder, $"{data}-{one.NormalClass ?? "all"}-{one.Seed}-{variant.Name}.json");
        if (File.Exists(path)) return;
        TrainingResult result = Train(variant, data, one);
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, result, CobraJson.Options));
        ScoredTraining chosen = result.Scores[result.Chosen];
        output.WriteLine(FormattableString.Invariant($"{Path.GetFileName(path)}: {100 * chosen.Clean:0.0} / {100 * chosen.Attacked:0.0} by {result.Chosen}, {result.Seconds:0} s"));
    }

    private static TrainingResult Train(TrainingVariant variant, string data, ScoreStudyOptions one)
    {
        using AnomalyBenchmark benchmark = one.Open();
        CobraOptions training = one.Training(benchmark.Train);
        double radius = training.Attack!.Epsilon;
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        using CobraDetector detector = new CobraTrainer(variant.Change(training)).Train(benchmark.Train);
        double seconds = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;

        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = detector.Network.Fold();
        (string Name, ScoreForm Form)[] forms = [.. ComparedScores.Of(detector).Append(("chosen", detector.Form)).DistinctBy(form => form.Form.Name)];
        SharedAscent ascent = new(network, detector.Bank, [.. forms.Select(form => form.Form)]);
        (Tensor good, Tensor bad) = (TestAuroc.Images(benchmark, anomalous: false), TestAuroc.Images(benchmark, anomalous: true));
        (double[] clean, double[] attacked) = (TestAuroc.Under(ascent, good, bad, 0, one.Steps), TestAuroc.Under(ascent, good, bad, radius, one.Steps));
        return new TrainingResult(
            variant.Name, data, one.NormalClass, one.Seed, seconds, forms.First(form => form.Form.Name == detector.Form.Name).Name,
            forms.Index().ToDictionary(form => form.Item.Name, form => new ScoredTraining(clean[form.Index], attacked[form.Index])));
    }

    private static TrainingResult Read(string path) => CobraJson.FromNode<TrainingResult>(CobraJson.Parse(File.ReadAllBytes(path)), path);
}
