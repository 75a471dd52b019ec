using CobraAD.Datasets;
using CobraAD.Evaluation.Robustness;
using CobraAD.Experiments.Cells;
using CobraAD.Experiments.Cells.Measures;
using CobraAD.Methods.Cobra;
using CobraAD.PseudoAnomalies;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Figures;

/// <summary>
/// Figure 3: the encoder's features of four trainings in two dimensions. The paper used UMAP; these are the two principal components of
/// each panel's features, which is said on the figure.
/// </summary>
internal static class MapFigure
{
    private const int Images = 100;
    private const double Side = 300, Gap = 40, Top = 70;

    private static readonly string[] Groups = ["normal, training", "pseudo-anomaly, training", "attacked normal, test", "attacked anomaly, test"];

    public static string Draw(IReadOnlyList<(string Loss, PlannedCell Planned)> panels, CellRunner runner, Device device, CancellationToken cancellation)
    {
        Drawing drawing = new(Gap + panels.Count * (Side + Gap), Top + Side + 130, "Features of four losses");
        for (int panel = 0; panel < panels.Count; panel++)
        {
            double left = Gap + panel * (Side + Gap);
            drawing.Text(left, Top - 30, panels[panel].Loss, 15);
            drawing.Rectangle(left - 8, Top - 8, Side + 16, Side + 16, "#f2f2f0");
            foreach (((double x, double y), int group) in Map(panels[panel].Planned.Cell, runner, device, cancellation))
                drawing.Circle(left + Side * x, Top + Side * (1 - y), 2.5, Drawing.Palette[group], 0.7);
        }

        drawing.Text(Gap, Top + Side + 24, $"First two principal components (PCA, not UMAP) of the encoder's features; {panels[0].Planned.Cell}", 12);
        drawing.Legend(Gap, Top + Side + 36, Groups.Select((name, i) => (Drawing.Palette[i], name)));
        return drawing.ToString();
    }

    /// <summary>The principal coordinates of every image, scaled to [0, 1], and its group.</summary>
    private static List<((double X, double Y) Place, int Group)> Map(ExperimentCell cell, CellRunner runner, Device device, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using AnomalyBenchmark benchmark = runner.Open(cell, cancellation);
        using CobraDetector detector = runner.Models.Cobra(cell, benchmark.Train, cancellation);
        RandomStreams streams = new(cell.Options.Seed);
        using PseudoAnomalySupply supply = PseudoAnomalySources.Build(
            cell.Cobra.AnomalySource, cell.Cobra.ClaimedOrigin, benchmark.Train, cell.Cobra.PseudoAnomalies, streams, device, cancellation: cancellation);
        using Generator rng = streams.Create("map");
        Tensor normals = benchmark.Train.Batch(0, Images, device);
        List<Tensor> groups = [normals, supply.Craft(normals, rng) ?? throw new ExperimentException("A map needs pseudo-anomalies.")];
        using RobustnessResult result = CellAttack.Evaluate(cell, detector, benchmark, Images, cancellation);
        foreach (bool isAnomalous in (bool[])[false, true])
            groups.Add(result.Ledger.WorstImages([.. Enumerable.Range(0, result.IsAnomalous.Count).Where(i => result.IsAnomalous[i] == isAnomalous)]).to(device));

        using IDisposable frozen = no_grad();
        Tensor features = cat([.. groups.Select(group => detector.Network.Encoder.call(group))]).to(ScalarType.Float64).cpu();
        Tensor centred = features - features.mean([0]);
        (_, Tensor vectors) = linalg.eigh(centred.t().mm(centred));
        // Eigenvalues ascend: the last two columns are the first two components.
        Tensor places = centred.mm(vectors.narrow(1, vectors.size(1) - 2, 2));
        Tensor low = places.amin([0]), scaled = (places - low) / (places.amax([0]) - low).clamp_min(1e-12);
        double[] flat = scaled.data<double>().ToArray();
        int[] labels = [.. groups.SelectMany((group, i) => Enumerable.Repeat(i, (int)group.size(0)))];
        return [.. labels.Select((group, i) => ((flat[2 * i + 1], flat[2 * i]), group))];
    }
}
