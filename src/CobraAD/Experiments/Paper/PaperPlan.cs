using CobraAD.Datasets.Paper;
using CobraAD.Experiments.Paper.Tables;

namespace CobraAD.Experiments.Paper;

/// <summary>Turns the tables and figures of the paper into cells (docs/guide/reproducing.md lists them).</summary>
internal static class PaperPlan
{
    private const string NoGenerativeModels = "they need external generative models";

    private static readonly Dictionary<string, PaperTable> Items = new(StringComparer.Ordinal)
    {
        ["table1"] = new("MVTec AD by category", ClassTables.Categories),
        ["table2"] = new("One-class, ten data sets", SetTables.OneClass),
        ["table3"] = new("Unlabelled multi-class", SetTables.MultiClass),
        ["table4"] = new("COBRA under seven attacks", AttackTables.Seven),
        ["table5"] = new("Sources of pseudo-anomalies", SourceTables.Sources)
        {
            Missing = $"GOE, FITYMI, Dream-OOD: {NoGenerativeModels}; train with --anomaly-source folder:PATH on images of your own. GOE-small and FITYMI-small stand in for the first two",
        },
        ["table6"] = new("Losses", LossTables.Losses),
        ["table7"] = new("Significance of the filter", SourceTables.Significances),
        ["table8"] = new("Quality of pseudo-anomalies", SourceTables.Quality)
        {
            Missing = $"GOE, FITYMI, Dream-OOD: {NoGenerativeModels}. GOE-small and FITYMI-small stand in for the first two",
        },
        ["table9"] = new("Training without attack", SetTables.CleanTraining),
        ["table10"] = new("Scores", LossTables.Scores),
        ["table11"] = new("The transformation classifier as a detector", SourceTables.Classifier),
        ["table12"] = new("Without the filter", SetTables.WithoutFilter),
        ["table13"] = new("Other methods under A3 and AutoAttack", AttackTables.OtherMethods),
        ["table14"] = new("Growing l-infinity radius", AttackTables.MaximumRadii),
        ["table15"] = new("Growing l2 radius", AttackTables.EuclideanRadii),
        ["table16"] = new("Hours of training", CostTables.TrainingHours),
        ["table17"] = new("Milliseconds of scoring one image", CostTables.ScoringTime),
        ["table18"] = new("Low-resolution data sets by class", ClassTables.LowResolution),
        ["table19"] = new("ImageNet-30 by class", ClassTables.ImageNet),
        ["table20"] = new("Mean and deviation over seeds", MetricTables.Seeds) { Seeds = 5 },
        ["table21"] = new("AUROC, AUPR and FPR95", MetricTables.Metrics),
        ["figure1"] = new("The pair matrix of the loss"),
        ["figure2"] = new("Samples of pseudo-anomalies") { Missing = $"FITYMI, Dream-OOD: {NoGenerativeModels}" },
        ["figure3"] = new("Features of four losses in two dimensions", LossTables.Maps),
        ["figure4"] = new("Loss and AUROC by epoch", MetricTables.Epochs),
        ["figure5"] = new("Cost against performance", CostTables.Performance) { Missing = "the points of other methods: the paper prints no numbers for them" },
    };

    /// <summary>Names of the items.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Items.Keys];

    /// <summary>Plans an item for the data at hand.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">Data, cost and selection.</param>
    /// <exception cref="ArgumentException">There is no such item or data set, or nothing is left of it.</exception>
    /// <exception cref="ExperimentException">The folder of data sets is missing.</exception>
    public static PaperItem Make(string name, ReproductionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (!Items.TryGetValue(name, out PaperTable? table)) throw new ArgumentException($"There is no item '{name}'. Items are {string.Join(", ", Names)}.", nameof(name));
        if (!Directory.Exists(options.Data)) throw new ExperimentException($"The folder of data sets '{options.Data}' does not exist.");
        foreach (string key in options.Datasets) PaperDatasets.Get(key);
        PaperDraft draft = new(name, table, options);
        table.Fill?.Invoke(draft);
        return draft.Finish();
    }
}
