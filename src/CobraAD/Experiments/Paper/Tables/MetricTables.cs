using CobraAD.Datasets.Paper;
using CobraAD.Experiments.Cells;

namespace CobraAD.Experiments.Paper.Tables;

/// <summary>Tables 20 and 21 and Figure 4: deviations, other metrics, and the course of a training.</summary>
internal static class MetricTables
{
    /// <summary>Table 20.</summary>
    public static void Seeds(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(PaperSets.Ten))
        {
            List<PlannedCell> cells = draft.Cells(dataset, draft.Chosen(dataset), "COBRA");
            foreach ((string side, string quantity, string value) in
                (ReadOnlySpan<(string, string, string)>)[("clean", PaperDraft.Clean, "clean.auroc"), ("adv", PaperDraft.Attacked, "pgd.auroc"), ("", PaperDraft.Worst, "union.auroc")])
            {
                draft.Add(set, "mean", quantity, value, 100, PublishedValues.At("T20_mean_std", side, set, 0), cells);
                draft.Entries.Add(draft.Entry(set, "deviation over seeds", quantity, value, 100, PublishedValues.At("T20_mean_std", side, set, 1), cells) with { IsDeviation = true });
            }
        }
    }

    /// <summary>Table 21.</summary>
    public static void Metrics(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(PaperSets.Seven))
        {
            if (draft.Methods.HasCobra) All("COBRA", draft.Cells(dataset, draft.Chosen(dataset), "COBRA"), (metric, side) => PublishedValues.At("T21", metric, set, side), isStandIn: false);
            foreach (string column in (string[])["Transformaly", "ZARND", ComparedMethods.Released])
            {
                if (draft.Methods.Find(column) is not { } method) continue;
                All(
                    column, draft.OtherCells(dataset, draft.Chosen(dataset), column, method),
                    (metric, side) => PublishedValues.OfBaseline("T21", column, metric, set, side), ComparedMethods.IsStandIn(method));
            }

            void All(string column, List<PlannedCell> cells, Func<string, int, double?> published, bool isStandIn)
            {
                foreach (string metric in (string[])["AUROC", "AUPR", "FPR95"])
                {
                    string value = metric.ToLowerInvariant();
                    draft.Entries.Add(PaperDraft.Marked(draft.Entry(set, column, $"{metric} clean, %", $"clean.{value}", 100, published(metric, 0), cells), isStandIn));
                    draft.Entries.Add(PaperDraft.Marked(draft.Entry(set, column, $"{metric} under PGD, %", $"pgd.{value}", 100, published(metric, 1), cells), isStandIn));
                    draft.Entries.Add(PaperDraft.Marked(draft.Entry(set, column, $"{metric} under PGD and APGD, %", $"union.{value}", 100, null, cells), isStandIn));
                }
            }
        }
    }

    /// <summary>Figure 4.</summary>
    public static void Epochs(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(["MVTecAD", "FMNIST"]))
        {
            List<PlannedCell> cells = draft.Cells(dataset, [.. draft.Chosen(dataset).Take(1)], "by epoch", adjust: cell => cell with { Measure = CellMeasure.Epochs });
            int last = cells[0].Cell.Cobra.Epochs;
            draft.Add(set, "last epoch", PaperDraft.Clean, FormattableString.Invariant($"epoch {last:0000}.clean.auroc"), 100, null, cells);
            draft.Add(set, "last epoch", PaperDraft.Worst, FormattableString.Invariant($"epoch {last:0000}.union.auroc"), 100, null, cells);
        }
    }
}
