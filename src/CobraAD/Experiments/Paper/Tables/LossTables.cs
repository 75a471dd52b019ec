using CobraAD.Methods.Cobra;

namespace CobraAD.Experiments.Paper.Tables;

/// <summary>Tables 6 and 10 and Figure 3: COBRA with another loss or score.</summary>
internal static class LossTables
{
    /// <summary>Under "CLS" the projection head is never trained, so that its embeddings say nothing: the classifier scores.</summary>
    private static readonly (string, Func<CobraOptions, CobraOptions>) Classifier = ("CLS", o => Loss(o, "none", 1) with { Score = CobraScore.Classifier });

    /// <summary>Table 6; the classifier of "CLS" scores as A' and as log-odds.</summary>
    public static void Losses(PaperDraft draft) => draft.Variants(
        PaperSets.Four,
        [
            Classifier, ("CLS, log-odds", o => Loss(o, "none", 1) with { Score = CobraScore.LogOdds }),
            .. PaperDraft.UnderBothScores([("CL", o => Loss(o, "ntxent", 0)), ("SupCL", o => Loss(o, "supcon", 0)), ("Opposite", o => Loss(o, "opposite", 0)),
            ("COBRA", o => Loss(o, "cobra", 0)), ("COBRA+CLS", o => Loss(o, "cobra", 1))]),
        ],
        (set, column, side) => PublishedValues.At("T6", set, column, side));

    /// <summary>Scores that the paper does not have, beside its three.</summary>
    private static readonly Dictionary<string, CobraScore> Ours = new()
    {
        ["smooth"] = CobraScore.Smooth,
        ["center"] = CobraScore.Center,
        ["log-odds"] = CobraScore.LogOdds,
        ["smooth+log-odds"] = CobraScore.SmoothAndLogOdds,
    };

    /// <summary>Table 10, and our scores on the same trained networks.</summary>
    public static void Scores(PaperDraft draft) => draft.Variants(
        ["MVTecAD", "CIFAR10", "FMNIST", "CIFAR100"],
        [
            ("A+A'", o => o with { Score = CobraScore.Sum }), ("A'", o => o with { Score = CobraScore.Classifier }), ("A", Paper),
            .. Ours.Select(own => (own.Key, (Func<CobraOptions, CobraOptions>)(o => o with { Score = own.Value }))),
        ],
        (set, column, side) => Ours.ContainsKey(column) ? null : PublishedValues.At("T10", set, column, side));

    /// <summary>Figure 3, for which the paper prints no numbers.</summary>
    public static void Maps(PaperDraft draft) => draft.Variants(
        ["CIFAR10", "FMNIST"],
        [("CL", o => Loss(o, "ntxent", 0)), Classifier, ("SupCL", o => Loss(o, "supcon", 0)), ("COBRA", o => Loss(o, "cobra", 1))],
        (_, _, _) => null);

    private static CobraOptions Paper(CobraOptions options) => options with { Score = CobraScore.Similarity };

    private static CobraOptions Loss(CobraOptions options, string loss, double classificationWeight) =>
        options with { Contrastive = options.Contrastive with { Name = loss }, ClassificationWeight = classificationWeight };
}
