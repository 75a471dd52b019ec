using System.Diagnostics;
using CobraAD.Datasets;
using CobraAD.Experiments.Cells;
using CobraAD.Experiments.Figures;
using CobraAD.Experiments.Paper;
using static TorchSharp.torch;

namespace CobraAD.Experiments;

/// <summary>
/// A table or figure of the paper, planned for the data at hand and computed into a folder that keeps everything. Pieces of work do not depend
/// on each other, so they can be computed one after another, by processes side by side, or on many machines; what is there is never computed again.
/// </summary>
/// <example><code>
/// Reproduction table = Reproduction.Plan("table6", new ReproductionOptions { Data = "data" }, "results");
/// foreach (int piece in table.Missing) table.Compute(piece);
/// Console.WriteLine(table.Report().ToMarkdown());
/// </code></example>
public sealed class Reproduction
{
    private readonly PaperItem item;
    private readonly ReproductionOptions options;
    private readonly CellStore store;

    private Reproduction(PaperItem item, ReproductionOptions options, CellStore store) => (this.item, this.options, this.store) = (item, options, store);

    /// <summary>"table1" to "table21", "figure1" to "figure5".</summary>
    public static IReadOnlyList<string> Names => PaperPlan.Names;

    /// <summary>The item, one of <see cref="Names"/>.</summary>
    public string Name => item.Name;

    /// <summary>The folder that keeps results and models.</summary>
    public string Folder => store.Folder;

    /// <summary>How many numbered pieces of work there are, from 0. Cells of one piece share a model, so two processes never train the same.</summary>
    public int Pieces => item.Pieces.Count;

    /// <summary>How many cells the pieces hold together: a cell is one detector on one class, or one measurement.</summary>
    public int Cells => item.Cells.Count;

    /// <summary>The pieces that are not complete, ascending.</summary>
    public IReadOnlyList<int> Missing => [.. item.Pieces.Index().Where(piece => !piece.Item.All(store.Has)).Select(piece => piece.Index)];

    /// <summary>Plans an item; nothing is computed or written.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">Which part of it, and at what cost.</param>
    /// <param name="folder">Where results and models are kept; made when the first is written.</param>
    /// <exception cref="ArgumentException">There is no such item, data set, class or method, or an option is outside its range.</exception>
    /// <exception cref="ExperimentException">The folder of data sets is missing.</exception>
    public static Reproduction Plan(string name, ReproductionOptions options, string folder)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new Reproduction(PaperPlan.Make(name, options), options, new CellStore(folder));
    }

    /// <summary>Notes in the folder what the item consists of, so that one table never mixes numbers of different settings.</summary>
    /// <exception cref="ExperimentException">The folder has the item with other options, or its plan is damaged.</exception>
    public void WritePlan() => store.Plan(item.Name, item.Cells);

    /// <summary>Takes over what another folder has of this item, e.g. from another machine.</summary>
    /// <param name="folder">The other folder.</param>
    /// <returns>How many results were taken over.</returns>
    /// <exception cref="ExperimentException">The other folder is missing, a file is damaged, a cell does not belong here, or both have it with different numbers.</exception>
    public int Merge(string folder) => store.Merge(folder, item.Cells);

    /// <summary>Computes what is missing of one piece.</summary>
    /// <param name="piece">Its number, below <see cref="Pieces"/>.</param>
    /// <param name="device">Where networks run; the CPU when <see langword="null"/>.</param>
    /// <param name="starting">Told the identifier of each cell before it is computed.</param>
    /// <param name="cancellation">Stops the computation; models that are complete are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such piece.</exception>
    /// <exception cref="ExperimentException">A kept result is damaged, or the data set is not at hand.</exception>
    /// <exception cref="DatasetException">The data set is damaged or incomplete.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Compute(int piece, Device? device = null, Action<string>? starting = null, CancellationToken cancellation = default)
    {
        if (piece < 0 || piece >= Pieces) throw new ArgumentOutOfRangeException(nameof(piece), piece, $"{Name} has the pieces 0 to {Pieces - 1}.");
        CellRunner runner = new(options.Data, store, device, options.Backbone?.File);
        foreach (PlannedCell cell in item.Pieces[piece].Where(cell => !store.Has(cell)))
        {
            starting?.Invoke(cell.Id);
            runner.Run(cell, cancellation);
        }
    }

    /// <summary>Computes what is missing by worker processes on this machine, a piece each at a time.</summary>
    /// <param name="worker">How the process that computes a piece is started.</param>
    /// <param name="jobs">Most workers at once, at least 1.</param>
    /// <param name="finished">Told about each piece that ended: its number, and what its worker said when it failed.</param>
    /// <param name="cancellation">Ends the workers.</param>
    /// <returns>The pieces whose worker failed, ascending; the next run computes them again.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<IReadOnlyList<int>> ComputeInWorkers(
        Func<int, ProcessStartInfo> worker, int jobs, Action<int, string?> finished, CancellationToken cancellation = default) =>
        new LocalEngine(worker, jobs).Run(Missing, finished, cancellation);

    /// <summary>Draws the item's figure, where it has one.</summary>
    /// <param name="folder">Where the picture goes.</param>
    /// <param name="device">Where networks run; the CPU when <see langword="null"/>.</param>
    /// <param name="cancellation">Stops between computations.</param>
    /// <returns>The file, or <see langword="null"/> when the item has no figure or its results are not there.</returns>
    public string? Draw(string folder, Device? device = null, CancellationToken cancellation = default) =>
        PaperFigures.Draw(item, options, store, folder, device ?? CPU, cancellation);

    /// <summary>Puts together what the folder has.</summary>
    /// <exception cref="ExperimentException">A kept result is damaged.</exception>
    public ReproductionReport Report() => ReproductionReport.From(item, store);
}
