using CobraAD.Datasets.Paper;
using CobraAD.Experiments.Cells;
using CobraAD.Methods.Cobra;

namespace CobraAD.Experiments.Paper.Tables;

/// <summary>Tables 2, 3, 9 and 12: a row for each data set.</summary>
internal static class SetTables
{
    private static readonly string[] OneClassMethods = ["DeepSVDD", "CSI", "MSAD", "Transformaly", "PatchCore", "PrincipaLS", "OCSDF", "APAE", "ZARND", ComparedMethods.Released];
    private static readonly string[] MultiClassMethods = ["MSAD", "Transformaly", "PrincipaLS", "OCSDF", "APAE", "ZARND", ComparedMethods.Released];

    /// <summary>Table 2.</summary>
    public static void OneClass(PaperDraft draft)
    {
        foreach ((string set, PaperDataset dataset) in draft.AtHand(PaperSets.Ten))
        {
            string?[] normals = draft.Chosen(dataset);
            if (draft.Methods.HasCobra) draft.AddPair(set, "COBRA", draft.Cells(dataset, normals, "COBRA"), side => PublishedValues.At("T2", set, side));
            draft.Others(OneClassMethods, set, dataset, normals, (method, side) => PublishedValues.OfBaseline("T2", set, method, side));
        }
    }

    /// <summary>Table 3.</summary>
    public static void MultiClass(PaperDraft draft)
    {
        foreach ((string inner, PaperDataset dataset) in draft.AtHand(["CIFAR10", "CIFAR100"]))
        {
            foreach (string outer in (string[])["CIFAR10", "CIFAR100", "SVHN", "MNIST", "FMNIST", "ImageNet"])
            {
                if (outer == inner || draft.AtHand(outer) is not { } anomalies) continue;
                string row = $"{inner} against {outer}", place = $"against {anomalies.Key}";
                if (draft.Methods.HasCobra) draft.AddPair(row, "COBRA", draft.Cells(dataset, [null], place, adjust: To), side => PublishedValues.At("T3", inner, outer, side));
                draft.Others(MultiClassMethods, row, dataset, [null], (method, side) => PublishedValues.OfBaseline("T3", inner, outer, method, side), To, place);

                ExperimentCell To(ExperimentCell cell) => cell with { Anomalies = anomalies.Key };
            }
        }
    }

    /// <summary>Table 9.</summary>
    public static void CleanTraining(PaperDraft draft) => Ablation(
        draft, "COBRA, clean training", options => options with { Attack = null }, (set, side) => PublishedValues.At("T9", side == 0 ? "clean" : "adversarial", set));

    /// <summary>Table 12.</summary>
    public static void WithoutFilter(PaperDraft draft) => Ablation(
        draft, "COBRA, no threshold", options => options with { PseudoAnomalies = options.PseudoAnomalies with { Filter = false } }, (set, side) => PublishedValues.At("T12", set, side));

    private static void Ablation(PaperDraft draft, string column, Func<CobraOptions, CobraOptions> change, Func<string, int, double?> published) =>
        draft.Variants(
            PaperSets.Ablation, [.. PaperDraft.UnderBothScores([(column, change)])], (set, variant, side) => variant == column ? published(set, side) : null);
}
