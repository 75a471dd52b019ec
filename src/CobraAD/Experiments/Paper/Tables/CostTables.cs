using CobraAD.Datasets.Paper;
using CobraAD.Experiments.Cells;
using CobraAD.Methods.Cobra;

namespace CobraAD.Experiments.Paper.Tables;

/// <summary>Tables 16 and 17 and Figure 5: what training and scoring cost.</summary>
internal static class CostTables
{
    /// <summary>Table 16.</summary>
    public static void TrainingHours(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(["MVTecAD", "VisA", "CityScapes", "ImageNet"]))
        {
            Hours("COBRA_adv", PublishedValues.At("T16_hours", "COBRA_adv", set), draft.Cells(dataset, draft.Chosen(dataset), "COBRA_adv", o => o));
            Hours("COBRA_clean", PublishedValues.At("T16_hours", "COBRA_clean", set), draft.Cells(dataset, draft.Chosen(dataset), "COBRA_clean", o => o with { Attack = null }));
            foreach (string column in (string[])["Transformaly", "ReContrast"])
            {
                if (draft.Methods.Find(column) is { } method)
                    Hours(column, PublishedValues.OfBaseline("T16", column, set), draft.OtherCells(dataset, draft.Chosen(dataset), column, method));
            }

            void Hours(string column, double? published, List<PlannedCell> cells) => draft.Entries.Add(
                draft.Entry(set, column, "hours of training, all classes (published: RTX 3090)", "timing.training", 1 / 3600.0, published, cells) with { IsComparable = false, IsTotal = true });
        }
    }

    /// <summary>Table 17.</summary>
    public static void ScoringTime(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(["MVTecAD", "CIFAR10", "FMNIST"]))
        {
            if (draft.Methods.HasCobra) Time("COBRA", PublishedValues.At("T17_ms_per_image", "COBRA"), draft.Cells(dataset, draft.Chosen(dataset), "COBRA"));
            foreach (string column in (string[])["CSI", "MSAD", "Transformaly", "ReContrast", "OCSDF", ComparedMethods.Released])
            {
                if (draft.Methods.Find(column) is { } method)
                    Time(column, PublishedValues.OfBaseline("T17", column), draft.OtherCells(dataset, draft.Chosen(dataset), column, method));
            }

            void Time(string column, double? published, List<PlannedCell> cells) =>
                draft.Entries.Add(draft.Entry(set, column, "ms an image (published: RTX 3090)", "timing.scoring", 1, published, cells) with { IsComparable = false });
        }
    }

    /// <summary>Figure 5.</summary>
    public static void Performance(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(PaperSets.Four))
        {
            foreach ((string column, Func<CobraOptions, CobraOptions> change) in
                (ReadOnlySpan<(string, Func<CobraOptions, CobraOptions>)>)[("COBRA", o => o), ("COBRA, clean training", o => o with { Attack = null })])
            {
                List<PlannedCell> cells = draft.Cells(dataset, [.. draft.Chosen(dataset).Take(1)], column, change);
                draft.Add(set, column, PaperDraft.Worst, "union.auroc", 100, null, cells);
                draft.Add(set, column, "minutes of training", "timing.training", 1 / 60.0, null, cells);
            }
        }
    }
}
