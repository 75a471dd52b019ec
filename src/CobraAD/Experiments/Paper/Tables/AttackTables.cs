using System.Globalization;
using CobraAD.Datasets.Paper;
using CobraAD.Experiments.Cells;
using CobraAD.Experiments.Cells.Measures;

namespace CobraAD.Experiments.Paper.Tables;

/// <summary>Tables 4, 13, 14 and 15: other attacks, and growing radii.</summary>
internal static class AttackTables
{
    private static readonly (string Column, string Attack)[] SevenAttacks =
        [("Clean", "clean"), ("BlackBox", "simba"), ("FGSM", "fgsm"), ("CAA", "caa"), ("A3", "a3"), ("AutoAttack", "autoattack"), ("PGD-1000", "pgd"), ("all together", "union")];

    private static readonly string[] ComparedColumns = ["DeepSVDD", "CSI", "DN2", "PANDA", "MSAD", "Transformaly", "PatchCore", "PrincipaLS", "OCSDF", "APAE"];

    /// <summary>Table 4.</summary>
    public static void Seven(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(["CIFAR10", "CIFAR100", "FMNIST", "ImageNet", "MVTecAD", "VisA"]))
        {
            List<PlannedCell> cells = draft.Cells(
                dataset, draft.Chosen(dataset), "seven attacks", adjust: cell => draft.WithAttacks(cell, dataset, ["fgsm", "pgd", "simba", "autoattack", "caa", "a3"]));
            foreach ((string column, string attack) in SevenAttacks) draft.Add(set, column, "AUROC, %", $"{attack}.auroc", 100, PublishedValues.At("T4", set, column), cells);
        }
    }

    /// <summary>Table 13.</summary>
    public static void OtherMethods(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(["CIFAR10", "CIFAR100", "MNIST", "FMNIST", "SVHN", "ImageNet30"]))
        {
            foreach (string column in ComparedColumns)
            {
                if (draft.Methods.Find(column) is not { } method) continue;
                List<PlannedCell> cells = draft.OtherCells(dataset, draft.Chosen(dataset), column, method, cell => draft.WithAttacks(cell, dataset, ["autoattack", "a3"]));
                foreach ((string quantity, string attack) in (ReadOnlySpan<(string, string)>)[("AUROC under AutoAttack, %", "autoattack"), ("AUROC under A3, %", "a3"), ("AUROC under all, %", "union")])
                {
                    PaperEntry entry = draft.Entry(set, column, quantity, $"{attack}.auroc", 100, attack == "union" ? null : PublishedValues.OfBaseline("T13", set, column), cells);
                    draft.Entries.Add(PaperDraft.Marked(entry, ComparedMethods.IsStandIn(method)));
                }
            }
        }
    }

    /// <summary>Table 14.</summary>
    public static void MaximumRadii(PaperDraft draft) => Radii(draft, "T14_linf_eps_of_255", "linf", [0, 1, 2, 3, 4, 5, 6, 7, 8]);

    /// <summary>Table 15.</summary>
    public static void EuclideanRadii(PaperDraft draft) => Radii(draft, "T15_l2_eps_of_255", "l2", [0, 16, 32, 64, 128]);

    private static void Radii(PaperDraft draft, string table, string norm, int[] levels)
    {
        string[] radii = [.. levels.Select(level => $"{level}/255")];
        foreach ((string set, PaperDataset dataset) in draft.AtHand(PaperSets.Seven))
        {
            // One cell for the whole curve: what a small radius found is a candidate under every larger one.
            List<PlannedCell> cells = draft.Cells(
                dataset, draft.Chosen(dataset), $"{norm} up to {radii[^1]}", adjust: cell => cell with { Threat = $"{norm}:{radii[^1]}", Radii = radii });
            foreach ((int level, string radius) in levels.Zip(radii))
            {
                PaperEntry entry = draft.Entry(
                    set, radius, PaperDraft.Worst, $"{radius}.{CellAttack.Union}.auroc", 100, PublishedValues.At(table, level.ToString(CultureInfo.InvariantCulture), set), cells);
                draft.Entries.Add(entry with { Notes = [.. entry.Notes, "published: PGD at each radius by itself"] });
            }
        }
    }
}
