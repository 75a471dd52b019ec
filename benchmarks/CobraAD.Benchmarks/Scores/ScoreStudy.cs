using System.Globalization;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Experiments.Figures;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Choice;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using CobraAD.Reporting.Pictures;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Scores;

/// <summary>
/// One training seen through every score: what each is worth on test images, untouched and attacked, beside what the choice from good images
/// said; AUROC against the radius; and the bank's entries that lie wrong. Test images are read after the choice is made.
/// </summary>
internal sealed class ScoreStudy(ScoreStudyOptions options, TextWriter output)
{
    /// <summary>Trains, prints a table in Markdown, and draws into a folder.</summary>
    public void Run(string folder)
    {
        using AnomalyBenchmark benchmark = options.Open();
        CobraOptions training = options.Training(benchmark.Train);
        using CobraDetector detector = new CobraTrainer(training).Train(benchmark.Train);

        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = detector.Network.Fold();
        (string Name, ScoreForm Form)[] forms = ComparedScores.Of(detector);
        SharedAscent ascent = new(network, detector.Bank, [.. forms.Select(form => form.Form)]);
        (Tensor good, Tensor bad) = (TestAuroc.Images(benchmark, anomalous: false), TestAuroc.Images(benchmark, anomalous: true));
        double epsilon = training.Attack!.Epsilon;
        double[] radii = [0, epsilon / 4, epsilon / 2, epsilon, 2 * epsilon];
        double[][] curve = [.. radii.Select(radius => TestAuroc.Under(ascent, good, bad, radius, options.Steps))];

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"### {benchmark.Name}, seed {options.Seed}: {benchmark.Train.Count} training images of {benchmark.Train.Height} px, {good.size(0)} + {bad.size(0)} test images, ε {255 * epsilon:0.##}/255, {detector.Card.Health.TrainingSeconds:0} s of training steps"));
        output.WriteLine();
        output.WriteLine("| score | test, untouched / attacked | worst kind on good images | error of its difference |");
        output.WriteLine("|---|---|---|---|");
        ScoreChoice choice = detector.Card.Health.Score!;
        for (int i = 0; i < forms.Length; i++)
        {
            ScoreCandidate? judged = choice.Candidates.FirstOrDefault(candidate => candidate.Name == forms[i].Form.Name);
            string mark = forms[i].Form.Name == detector.Form.Name ? " (chosen)" : "";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {forms[i].Name}{mark} | {100 * curve[0][i]:0.0} / {100 * curve[3][i]:0.0} | {100 * judged?.Worst:0.0} | {100 * judged?.Error:0.0} |"));
        }

        output.WriteLine();
        Directory.CreateDirectory(folder);
        string name = $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Data))}-{options.NormalClass ?? "all"}-{options.Seed}";
        File.WriteAllText(Path.Combine(folder, $"{name}-radius.svg"), Chart(benchmark.Name, forms, radii, curve));
        DrawBank(Path.Combine(folder, $"{name}-bank.png"), detector, benchmark.Train, training);
    }

    private static string Chart(string title, (string Name, ScoreForm Form)[] forms, double[] radii, double[][] curve)
    {
        const double left = 60, top = 40, width = 520, height = 320;
        int[] shown = [0, 1, 4, 5, 7];
        Drawing drawing = new(left + width + 210, top + height + 60, title);
        drawing.Frame(left, top, left + width, top + height, "radius of the attack, grey levels of 255", "AUROC, %", (0, 255 * radii[^1]), (0, 100));
        foreach ((int form, int color) in shown.Select((form, i) => (form, i)))
            drawing.Curve(radii.Select((radius, i) => (left + width * radius / radii[^1], top + height * (1 - curve[i][form]))), Drawing.Palette[color]);
        drawing.Legend(left + width + 30, top, shown.Select((form, i) => (Drawing.Palette[i], forms[form].Name)));
        return drawing.ToString();
    }

    /// <summary>The training images whose bank entries lie nearest to the bank's mean direction, and farthest from it.</summary>
    private static void DrawBank(string path, CobraDetector detector, ImageSet images, CobraOptions training)
    {
        using CalibrationSplit split = new(images, training.Calibration, training.Seed);
        Tensor closeness = detector.Bank.Summary.Directions.mv(detector.Bank.Summary.Centers(1).select(0, 0));
        int shown = Math.Min(12, split.Training.Count);
        ImageGrid.Write(path, [Row("farthest from the mean", largest: false), Row("nearest to it", largest: true)]);

        ImageGridRow Row(string label, bool largest)
        {
            (Tensor values, Tensor rows) = closeness.topk(shown, 0, largest);
            return new ImageGridRow(
                label, split.Training.Batch(rows.data<long>().ToArray()),
                [.. values.data<double>().ToArray().Select(value => value.ToString("0.00", CultureInfo.InvariantCulture))]);
        }
    }
}
