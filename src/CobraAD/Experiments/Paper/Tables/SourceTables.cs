using System.Globalization;
using CobraAD.Datasets.Paper;
using CobraAD.Experiments.Cells;
using CobraAD.Experiments.Cells.Measures;
using CobraAD.Methods.Cobra;
using CobraAD.Networks.Backbones;
using CobraAD.PseudoAnomalies;

namespace CobraAD.Experiments.Paper.Tables;

/// <summary>Tables 5, 7, 8 and 11: where pseudo-anomalies come from, and what the filter's classifier is worth.</summary>
internal static class SourceTables
{
    private static readonly string[] LevelSets = ["CIFAR10", "CIFAR100", "MVTecAD", "CityScapes", "VisA", "ISIC2018", "DAGM"];
    private static readonly double[] Levels = [0.02, 0.05, 0.08, 0.11, 0.14, 0.17, 0.2];

    /// <summary>Table 5.</summary>
    public static void Sources(PaperDraft draft)
    {
        draft.Variants(
            PaperSets.Four,
            [.. PaperDraft.UnderBothScores([
                ("None", o => o with { AnomalySource = PseudoAnomalySources.None, Contrastive = o.Contrastive with { Name = "ntxent" }, ClassificationWeight = 0 }),
                ("CPAD", o => o with { AnomalySource = "cutpaste-3way" }),
                ("CSI", o => o with { AnomalySource = "rotation" }),
                ("GOE-small", o => o with { AnomalySource = PseudoAnomalySources.GoeSmall }),
                ("VOS", o => o with { AnomalySource = PseudoAnomalySources.VirtualOutliers }),
                ("FITYMI-small", o => o with { AnomalySource = PseudoAnomalySources.FitymiSmall }),
                ("Ours", o => o),
            ])],
            (set, column, side) => PublishedValues.At("T5", set, StandIn(column)?.Original ?? column, side));
        for (int i = 0; i < draft.Entries.Count; i++)
        {
            PaperEntry entry = draft.Entries[i];
            if (StandIn(entry.Column.Split(", ")[0]) is var (_, note)) draft.Entries[i] = entry with { IsComparable = false, Notes = [.. entry.Notes, note] };
        }
    }

    /// <summary>Table 7.</summary>
    public static void Significances(PaperDraft draft) => draft.Variants(
        LevelSets,
        [.. PaperDraft.UnderBothScores(Levels.Select(level => (
            Column: level.ToString("0.00", CultureInfo.InvariantCulture),
            Change: (Func<CobraOptions, CobraOptions>)(o => o with { PseudoAnomalies = o.PseudoAnomalies with { Significance = level } }))))],
        (set, column, side) => PublishedValues.At("T7", column, set, side));

    /// <summary>Table 8.</summary>
    public static void Quality(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(PaperSets.Four))
        {
            foreach ((string column, string source) in (ReadOnlySpan<(string, string)>)
                [("CPAD", "cutpaste-3way"), ("CSI", "rotation"), ("GOE-small", PseudoAnomalySources.GoeSmall), ("FITYMI-small", PseudoAnomalySources.FitymiSmall), ("Ours", PseudoAnomalySources.Ours)])
            {
                List<PlannedCell> cells = draft.Cells(
                    dataset, draft.Chosen(dataset), column, o => o with { AnomalySource = source },
                    cell => cell with { Measure = CellMeasure.Generation, Attacks = [], BackboneSha256 = ImageNetPackage.IsAtHand ? ImageNetPackage.Sha256 : null });
                // C chose what is ours: only features that had no part in it can compare sources.
                if (ImageNetPackage.IsAtHand) Distances("ImageNet features", GenerationMeasure.Independent);
                Distances("C", "");

                void Distances(string features, string prefix)
                {
                    Distance($"Fréchet distance on {features} (published: FID)", $"{prefix}frechet", "FID");
                    Distance($"density on {features} (published: DC)", $"{prefix}density", "DC");
                    Distance($"coverage on {features} (published: DC)", $"{prefix}coverage", "DC");
                }

                void Distance(string quantity, string value, string printed)
                {
                    PaperEntry entry = draft.Entry(set, column, quantity, value, 1, PublishedValues.At("T8", set, printed, StandIn(column)?.Original ?? column), cells);
                    draft.Entries.Add(entry with { IsComparable = false, Notes = StandIn(column) is var (_, note) ? [.. entry.Notes, note] : entry.Notes });
                }
            }
        }
    }

    /// <summary>Table 11.</summary>
    public static void Classifier(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(PaperSets.Ablation))
        {
            List<PlannedCell> cells = draft.Cells(dataset, draft.Chosen(dataset), "C", adjust: cell => cell with { Measure = CellMeasure.Likelihood, Attacks = [] });
            draft.Add(set, "C", PaperDraft.Clean, "clean.auroc", 100, PublishedValues.At("T11", set), cells);
        }
    }

    /// <summary>What a column stands in for, whose published numbers are printed beside it without a difference, and how it differs.</summary>
    private static (string Original, string Note)? StandIn(string column) => column switch
    {
        "GOE-small" => ("GOE", "a stand-in: a DCGAN of the normal images; the published column is GOE's, a large GAN of ImageNet"),
        "FITYMI-small" => ("FITYMI", "a stand-in: a small DDPM of the normal images; the published column is FITYMI's, a large score model"),
        "VOS" => ("VOS", "VOS's way of drawing features, in this library's loss; the paper does not say how it joined them"),
        _ => null,
    };
}
