using System.Text;
using CobraAD.Experiments.Cells;
using CobraAD.Experiments.Paper;
using CobraAD.Serialization;
using static TorchSharp.torch;

namespace CobraAD.Experiments.Figures;

/// <summary>Draws the figures of the paper.</summary>
internal static class PaperFigures
{
    /// <summary>Draws the figure that an item is; a table has none.</summary>
    /// <param name="item">The item; figures 4 and 5 are drawn from its computed cells.</param>
    /// <param name="options">What it was planned with.</param>
    /// <param name="store">Where its results are.</param>
    /// <param name="folder">Where the drawing goes.</param>
    /// <param name="device">Where networks run; the CPU when <see langword="null"/>.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>The file, or <see langword="null"/> when the item is a table or has nothing to draw.</returns>
    /// <exception cref="ExperimentException">A result is damaged, or no data set is at hand.</exception>
    public static string? Draw(
        PaperItem item, ReproductionOptions options, CellStore store, string folder, Device? device = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(store);
        return item.Name switch
        {
            "figure1" => Save("svg", PairMatrixFigure.Draw()),
            "figure2" => SavePicture(SampleFigure.Draw(options, device ?? CPU, cancellation)),
            "figure3" when item.Cells.Count > 0 => Save("svg", MapFigure.Draw(Panels(item), new CellRunner(options.Data, store, device), device ?? CPU, cancellation)),
            "figure4" when Results() is { Length: > 0 } results => Save("svg", EpochFigure.Draw(results)),
            "figure5" when item.Cells.Count > 0 => Save("svg", CostFigure.Draw(ReproductionReport.From(item, store))),
            _ => null,
        };

        CellResult[] Results() => [.. item.Cells.Select(planned => store.Read(planned.Cell)).OfType<CellResult>()];

        string Save(string extension, string text) => SaveBytes(extension, Encoding.UTF8.GetBytes(text));

        string SavePicture(byte[] png) => SaveBytes("png", png);

        string SaveBytes(string extension, byte[] content)
        {
            string path = Path.Combine(folder, $"{item.Name}.{extension}");
            AtomicFile.Write(path, stream => stream.Write(content));
            return path;
        }
    }

    /// <summary>The first class of the first data set, under each loss.</summary>
    private static List<(string Loss, PlannedCell Planned)> Panels(PaperItem item) =>
        [.. item.Entries.Where(entry => entry.Row == item.Entries[0].Row).DistinctBy(entry => entry.Column).Select(entry => (entry.Column, entry.Cells[0]))];
}
