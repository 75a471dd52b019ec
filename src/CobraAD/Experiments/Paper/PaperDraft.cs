using System.Globalization;
using CobraAD.Datasets.Paper;
using CobraAD.Detection;
using CobraAD.Experiments.Cells;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Common;

namespace CobraAD.Experiments.Paper;

/// <summary>A table or figure while it is planned: what its family adds, and what turns out to be missing.</summary>
internal sealed class PaperDraft(string name, PaperTable table, ReproductionOptions options)
{
    /// <summary>
    /// The quantities that most tables have side by side: the paper's two, and what is left where each image is as the worst of two attacks made it.
    /// </summary>
    public const string Clean = "AUROC clean, %", Attacked = "AUROC under PGD, %", Worst = "AUROC under PGD and APGD, %";

    private static readonly CalibrationOptions NoneHeldOut = new() { Fraction = 0 };

    private readonly List<string> leftOut = table.Missing is null ? [] : [table.Missing];
    private readonly SortedSet<string> budgets = new(StringComparer.Ordinal);
    private bool isNarrowed;

    /// <summary>The numbers so far.</summary>
    public List<PaperEntry> Entries { get; } = [];

    /// <summary>The methods other than COBRA.</summary>
    public ComparedMethods Methods { get; } = new(options);

    /// <summary>The planned item.</summary>
    /// <exception cref="ArgumentException">What was chosen leaves nothing of it.</exception>
    public PaperItem Finish()
    {
        if (Entries.Count == 0 && isNarrowed)
            throw new ArgumentException($"Nothing of {name} is left of the data sets ({Listed(options.Datasets)}) and classes ({Listed(options.Classes)}) that were chosen.", nameof(options));
        if (Entries.Count == 0 && options.Methods.Count > 0 && Methods.Missing.Any())
            throw new ArgumentException($"Nothing of {name} is left of the methods that were chosen ({Listed(options.Methods)}): {string.Join("; ", Methods.Missing)}.", nameof(options));
        return new PaperItem(name, table.Title, Entries, [.. Methods.Missing, .. leftOut], [.. PublishedValues.NotesOn(name)], [.. budgets]);

        static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "all" : string.Join(", ", names);
    }

    /// <summary>Those of the data sets that are wanted and there; what is missing is said in the report.</summary>
    public IEnumerable<(string Set, PaperDataset Dataset)> AtHand(IEnumerable<string> sets)
    {
        foreach (string set in sets)
        {
            if (AtHand(set) is { } dataset) yield return (set, dataset);
        }
    }

    /// <summary>The data set when it is wanted and there; what is missing is said in the report.</summary>
    public PaperDataset? AtHand(string set)
    {
        PaperDataset? dataset = PaperDatasets.Named(set, options.Datasets);
        if (dataset is not null && options.Datasets.Count > 0 && !options.Datasets.Contains(dataset.Key))
        {
            isNarrowed = true;
            return null;
        }

        if (dataset is not null && Classes(dataset) is { Count: > 0 } classes)
        {
            if (options.Classes.Count == 0 || classes.Any(normal => normal is null || options.Classes.Contains(normal))) return dataset;
            isNarrowed = true;
            return null;
        }

        if (options.Datasets.Count == 0) LeaveOut($"{set}: not in the folder of data sets");
        return null;
    }

    /// <summary>The classes of a data set as it lies here; empty when it does not.</summary>
    public IReadOnlyList<string?> Classes(PaperDataset dataset) => dataset.Find(options.Data) is { } folder ? dataset.Classes(folder) : [];

    /// <summary>The classes of a data set at hand that are wanted; the report says which the others are left out of.</summary>
    public string?[] Chosen(PaperDataset dataset)
    {
        IReadOnlyList<string?> all = Classes(dataset);
        string?[] chosen = [.. all.Where(normal => normal is null || options.Classes.Count == 0 || options.Classes.Contains(normal))];
        // A collection at hand may lack categories, whatever was chosen.
        if (chosen.Length < all.Count || dataset.IsCollection)
            LeaveOut($"{dataset.Title}: every class other than {string.Join(", ", chosen)}; a published mean is over all classes");
        return chosen;
    }

    /// <summary>COBRA's cells: one for each normal class and seed.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="normals">Its normal classes.</param>
    /// <param name="variant">Names the place in the table.</param>
    /// <param name="change">What differs from the budget's training.</param>
    /// <param name="adjust">What else differs from the usual cell.</param>
    public List<PlannedCell> Cells(
        PaperDataset dataset, IReadOnlyList<string?> normals, string variant, Func<CobraOptions, CobraOptions>? change = null, Func<ExperimentCell, ExperimentCell>? adjust = null) =>
        Plan(dataset, normals, variant, limits => change?.Invoke(Repeated(limits.Options)) ?? Repeated(limits.Options), adjust);

    /// <summary>The cells of another method, at its own preset.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="normals">Its normal classes.</param>
    /// <param name="column">What the table calls the method.</param>
    /// <param name="method">The method.</param>
    /// <param name="adjust">What else differs from the usual cell.</param>
    /// <param name="place">Names the place in the table, where the column alone does not.</param>
    public List<PlannedCell> OtherCells(
        PaperDataset dataset, IReadOnlyList<string?> normals, string column, IDetectionMethod method, Func<ExperimentCell, ExperimentCell>? adjust = null, string? place = null)
    {
        string variant = place is null ? column : $"{place}, {column}";
        return Plan(dataset, normals, variant, Training, With);

        DetectorOptions Training(BudgetLimits limits)
        {
            DetectorOptions training = Methods.WithBackbone(limits.Training(method, dataset.PaperSize));
            string seen = training is IBackboneUser { Backbone: { Package: not null, ResizeTo: { } side } } ? string.Create(CultureInfo.InvariantCulture, $", which its backbone sees at {side} px") : "";
            budgets.Add($"{limits.Budget.ToString().ToLowerInvariant()}, {column}: its preset {training.Preset}; the same images and attacks{seen}");
            return training;
        }

        ExperimentCell With(ExperimentCell cell) => adjust?.Invoke(Methods.Identified(cell)) ?? Methods.Identified(cell);
    }

    /// <summary>A cell with the budget's attacks of these kinds, and APGD with stand-ins for the score.</summary>
    public ExperimentCell WithAttacks(ExperimentCell cell, PaperDataset dataset, string[] kinds)
    {
        BudgetLimits limits = BudgetLimits.For(options.Budget, dataset.PaperSize);
        return cell with { Attacks = [.. kinds.Append("apgd").Select(limits.Recipe)] };
    }

    /// <summary>A number, with what is wrong with its published value.</summary>
    public PaperEntry Entry(string row, string column, string quantity, string value, double scale, double? published, IReadOnlyList<PlannedCell> cells) =>
        new(row, column, quantity, value, scale, published, cells) { Notes = [.. PublishedValues.NotesOn(name, row, column)] };

    /// <summary>Adds a number.</summary>
    public void Add(string row, string column, string quantity, string value, double scale, double? published, IReadOnlyList<PlannedCell> cells) =>
        Entries.Add(Entry(row, column, quantity, value, scale, published, cells));

    /// <summary>Adds the AUROC without attack, published on side 0, under PGD, published on side 1, and under both attacks.</summary>
    public void AddPair(string row, string column, IReadOnlyList<PlannedCell> cells, Func<int, double?> published, bool isStandIn = false)
    {
        double? clean = published(0), attacked = published(1);
        Entries.Add(Marked(Entry(row, column, Clean, "clean.auroc", 100, clean, cells), isStandIn));
        PaperEntry entry = Marked(Entry(row, column, Attacked, "pgd.auroc", 100, attacked, cells), isStandIn);
        Entries.Add(attacked > clean ? entry with { Notes = [.. entry.Notes, "printed above its clean value, which no attack that may return the clean image can do"] } : entry);
        Entries.Add(Marked(Entry(row, column, Worst, "union.auroc", 100, null, cells), isStandIn));
    }

    /// <summary>Adds the pairs of other methods; those that cannot be computed are remembered with the reason.</summary>
    public void Others(
        IReadOnlyList<string> columns, string row, PaperDataset dataset, IReadOnlyList<string?> normals, Func<string, int, double?> published,
        Func<ExperimentCell, ExperimentCell>? adjust = null, string? place = null)
    {
        foreach (string column in columns)
        {
            if (Methods.Find(column) is not { } method) continue;
            AddPair(row, column, OtherCells(dataset, normals, column, method, adjust, place), side => published(column, side), ComparedMethods.IsStandIn(method));
        }
    }

    /// <summary>Adds COBRA's pairs with one thing changed at a time.</summary>
    /// <param name="sets">The rows.</param>
    /// <param name="variants">The columns, and what each changes.</param>
    /// <param name="published">The paper's number of a set, a column and a side.</param>
    public void Variants(
        string[] sets, IReadOnlyList<(string Column, Func<CobraOptions, CobraOptions> Change)> variants, Func<string, string, int, double?> published)
    {
        foreach ((string set, PaperDataset dataset) in AtHand(sets))
        {
            foreach ((string column, Func<CobraOptions, CobraOptions> change) in variants)
                AddPair(set, column, Cells(dataset, Chosen(dataset), column, change), side => published(set, column, side));
        }
    }

    /// <summary>
    /// Each variant under the paper's score and, in a column of its own, under the smooth maximum: the maximum over the bank is decided by a few
    /// entries that lie wrong, and what is compared under it alone may be those. Both are scores of the same networks.
    /// </summary>
    public static IEnumerable<(string Column, Func<CobraOptions, CobraOptions> Change)> UnderBothScores(
        IEnumerable<(string Column, Func<CobraOptions, CobraOptions> Change)> variants) =>
        variants.SelectMany(variant => ((string, Func<CobraOptions, CobraOptions>)[])
            [variant, ($"{variant.Column}, smooth", options => variant.Change(options) with { Score = CobraScore.Smooth })]);

    /// <summary>An entry that says so when its method has a backbone of the user's.</summary>
    public static PaperEntry Marked(PaperEntry entry, bool isStandIn) =>
        isStandIn ? entry with { IsComparable = false, Notes = [.. entry.Notes, "a backbone of your own, not comparable"] } : entry;

    private List<PlannedCell> Plan(
        PaperDataset dataset, IReadOnlyList<string?> normals, string variant, Func<BudgetLimits, DetectorOptions> training, Func<ExperimentCell, ExperimentCell>? adjust)
    {
        BudgetLimits limits = BudgetLimits.For(options.Budget, dataset.PaperSize);
        budgets.Add(limits.Describe());
        List<PlannedCell> cells = [];
        foreach (string? normal in normals)
        {
            for (int seed = 0; seed < (options.Seeds ?? table.Seeds); seed++)
            {
                ExperimentCell cell = new()
                {
                    Dataset = dataset.Key,
                    Class = normal,
                    ImageSize = limits.ImageSize,
                    MaxTrain = limits.MaxTrain,
                    SamplesPerClass = limits.SamplesPerClass,
                    // A ranking needs no threshold: what would be kept for one is trained on, as the paper does.
                    Options = training(limits) with { Seed = seed, Calibration = NoneHeldOut },
                    Threat = $"linf:{(dataset.PaperSize <= 32 ? 4 : 2)}/255",
                    Attacks = limits.Usual,
                };
                cells.Add(new PlannedCell($"{dataset.Key}{(normal is null ? "" : $" {normal}")} / {variant} / seed {seed}", adjust?.Invoke(cell) ?? cell));
            }
        }

        return cells;
    }

    private CobraOptions Repeated(CobraOptions training) => training with { ItemsPerEpoch = options.ItemsPerEpoch ?? training.ItemsPerEpoch };

    private void LeaveOut(string what)
    {
        if (!leftOut.Contains(what)) leftOut.Add(what);
    }
}
