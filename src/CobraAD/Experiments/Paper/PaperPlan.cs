using CobraAD.Datasets.Paper;
using CobraAD.Detection;
using CobraAD.Experiments.Cells;
using CobraAD.Methods.Cobra;
using CobraAD.PseudoAnomalies;

namespace CobraAD.Experiments.Paper;

/// <summary>Turns the tables and figures of the paper into cells (docs/guide/reproducing.md lists them).</summary>
public sealed class PaperPlan
{
    private const string Clean = "AUROC clean, %", Attacked = "AUROC under PGD, %";

    private static readonly string[] IndustrialMethods = ["CSI", "Transformaly", "PatchCore", "ReContrast", "DRAEM", "PrincipaLS", "OCSDF", "ZARND", ComparedMethods.Released];
    private static readonly string[] OneClassMethods = ["DeepSVDD", "CSI", "MSAD", "Transformaly", "PatchCore", "PrincipaLS", "OCSDF", "APAE", "ZARND", ComparedMethods.Released];
    private static readonly string[] MultiClassMethods = ["MSAD", "Transformaly", "PrincipaLS", "OCSDF", "APAE", "ZARND", ComparedMethods.Released];
    private static readonly string[] SeparateMethods = ["DeepSVDD", "CSI", "DN2", "PANDA", "MSAD", "Transformaly", "PatchCore", "PrincipaLS", "OCSDF", "APAE"];

    private static readonly string[] TenSets = ["CIFAR10", "CIFAR100", "MNIST", "FMNIST", "SVHN", "ImageNet", "VisA", "CityScapes", "DAGM", "ISIC2018"];
    private static readonly string[] FourSets = ["MVTecAD", "ImageNet", "CIFAR10", "FMNIST"];
    private static readonly string[] LevelSets = ["CIFAR10", "CIFAR100", "MVTecAD", "CityScapes", "VisA", "ISIC2018", "DAGM"];
    private static readonly double[] Levels = [0.02, 0.05, 0.08, 0.11, 0.14, 0.17, 0.2];
    private static readonly string[] SweepSets = ["MVTecAD", "VisA", "ImageNet", "CityScapes", "ISIC2018", "CIFAR10", "FMNIST"];

    private static readonly Dictionary<string, Action<PaperPlan>> Items = new(StringComparer.Ordinal)
    {
        ["table1"] = plan => plan.Titled("MVTec AD by category").PerClass("MVTecAD", (_, name) => name, (name, side) => PublishedValues.At("T1", name, side)),
        ["table2"] = plan => plan.Titled("One-class, ten data sets").Sets(TenSets, "COBRA", (set, side) => PublishedValues.At("T2", set, side), others: OneClassMethods),
        ["table3"] = plan => plan.Titled("Unlabelled multi-class").Against(),
        ["table4"] = plan => plan.Titled("COBRA under seven attacks").Attacks(),
        ["table5"] = plan => plan.Titled(
            "Sources of pseudo-anomalies",
            "GOE, FITYMI, Dream-OOD: they need external generative models; train with --anomaly-source folder:PATH on images of your own. GOE-small and FITYMI-small stand in for the first two").Sources(),
        ["table6"] = plan => plan.Titled("Losses").Losses(),
        ["table7"] = plan => plan.Titled("Significance of the filter").Significances(),
        ["table8"] = plan => plan.Titled("Quality of pseudo-anomalies", "GOE, FITYMI, Dream-OOD: they need external generative models. GOE-small and FITYMI-small stand in for the first two").Generations(),
        ["table9"] = plan => plan.Titled("Training without attack").Sets(
            ["CIFAR10", "CIFAR100", "MNIST", "FMNIST", "SVHN", "ImageNet30", "MVTecAD", "VisA", "DAGM", "ISIC2018"], "COBRA, clean training",
            (set, side) => PublishedValues.At("T9", side == 0 ? "clean" : "adversarial", set), options => options with { Attack = null }),
        ["table10"] = plan => plan.Titled("Scores").Scores(),
        ["table11"] = plan => plan.Titled("The transformation classifier as a detector").Classifier(),
        ["table12"] = plan => plan.Titled("Without the filter").Sets(
            ["CIFAR10", "CIFAR100", "MNIST", "FMNIST", "SVHN", "ImageNet30", "MVTecAD", "VisA", "DAGM", "ISIC2018"], "COBRA, no threshold",
            (set, side) => PublishedValues.At("T12", set, side), options => options with { PseudoAnomalies = options.PseudoAnomalies with { Filter = false } }),
        ["table13"] = plan => plan.Titled("Other methods under A3 and AutoAttack").OthersAttacked(),
        ["table14"] = plan => plan.Titled("Growing l-infinity radius").Sweep("T14_linf_eps_of_255", "linf", [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ["table15"] = plan => plan.Titled("Growing l2 radius").Sweep("T15_l2_eps_of_255", "l2", [0, 16, 32, 64, 128]),
        ["table16"] = plan => plan.Titled("Hours of training", $"Transformaly, ReContrast: {ComparedMethods.NeverBuilt}").TrainingHours(),
        ["table17"] = plan => plan.Titled("Milliseconds of scoring one image").ScoringTime(),
        ["table18"] = plan => plan.Titled("Low-resolution data sets by class").ClassTables(["MNIST", "FMNIST", "CIFAR10", "SVHN", "CIFAR100"], (set, attack, position) => PublishedValues.At("T18", set, attack, position)),
        ["table19"] = plan => plan.Titled("ImageNet-30 by class").ClassTables(["ImageNet30"], (_, attack, position) => PublishedValues.At("T19_ImageNet30", attack, position)),
        ["table20"] = plan => plan.Titled("Mean and deviation over seeds").Seeds(),
        ["table21"] = plan => plan.Titled("AUROC, AUPR and FPR95").MetricTable(),
        ["figure1"] = plan => plan.Titled("The pair matrix of the loss"),
        ["figure2"] = plan => plan.Titled("Samples of pseudo-anomalies", "FITYMI, Dream-OOD: they need external generative models"),
        ["figure3"] = plan => plan.Titled("Features of four losses in two dimensions").Maps(),
        ["figure4"] = plan => plan.Titled("Loss and AUROC by epoch").Curves(),
        ["figure5"] = plan => plan.Titled("Cost against performance", "the points of other methods: the paper prints no numbers for them").Costs(),
    };

    private readonly ReproductionOptions options;
    private readonly string name;
    private readonly List<PaperEntry> entries = [];
    private readonly List<string> leftOut = [];
    private readonly SortedSet<string> budgets = new(StringComparer.Ordinal);
    private readonly ComparedMethods methods;
    private string title = "";
    private bool isNarrowed;

    private PaperPlan(string name, ReproductionOptions options)
    {
        this.name = name;
        this.options = options;
        methods = new ComparedMethods(options);
    }

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
        if (!Items.TryGetValue(name, out Action<PaperPlan>? build)) throw new ArgumentException($"There is no item '{name}'. Items are {string.Join(", ", Names)}.", nameof(name));
        if (!Directory.Exists(options.Data)) throw new ExperimentException($"The folder of data sets '{options.Data}' does not exist.");
        foreach (string key in options.Datasets) PaperDatasets.Get(key);
        PaperPlan plan = new(name, options);
        build(plan);
        plan.leftOut.InsertRange(0, plan.methods.Missing);
        if (plan.entries.Count == 0 && plan.isNarrowed)
            throw new ArgumentException($"Nothing of {name} is left of the data sets ({Listed(options.Datasets)}) and classes ({Listed(options.Classes)}) that were chosen.", nameof(options));
        if (plan.entries.Count == 0 && options.Methods.Count > 0 && plan.methods.Missing.Any())
            throw new ArgumentException($"Nothing of {name} is left of the methods that were chosen ({Listed(options.Methods)}): {string.Join("; ", plan.methods.Missing)}.", nameof(options));
        return new PaperItem(name, plan.title, plan.entries, plan.leftOut, [.. PublishedValues.NotesOn(name)], [.. plan.budgets]);
    }

    private static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "all" : string.Join(", ", names);

    private PaperPlan Titled(string text, params string[] missing)
    {
        title = text;
        leftOut.AddRange(missing);
        return this;
    }

    private void PerClass(string set, Func<string, string, string> row, Func<string, int, double?> published)
    {
        foreach ((PaperDataset dataset, string? normal) in Normals(set))
        {
            if (methods.HasCobra) AddPair(row(set, normal!), "COBRA", Cells(dataset, [normal], "COBRA", Same), side => published(normal!, side));
            Others(IndustrialMethods, row(set, normal!), dataset, [normal], (method, side) => PublishedValues.OfBaseline("T1", normal!, method, side));
        }
    }

    private void Sets(
        string[] sets, string column, Func<string, int, double?> published, Func<CobraOptions, CobraOptions>? change = null, IReadOnlyList<string>? others = null)
    {
        foreach (string set in sets)
        {
            if (AtHand(set) is not { } dataset) continue;
            if (methods.HasCobra || others is null) AddPair(set, column, Cells(dataset, Chosen(dataset), column, change ?? Same), side => published(set, side));
            Others(others ?? [], set, dataset, Chosen(dataset), (method, side) => PublishedValues.OfBaseline("T2", set, method, side));
        }
    }

    /// <summary>The columns of other methods; those that cannot be computed are remembered with the reason.</summary>
    private void Others(
        IReadOnlyList<string> columns, string row, PaperDataset dataset, IReadOnlyList<string?> normals, Func<string, int, double?> published,
        Func<ExperimentCell, ExperimentCell>? adjust = null, string? place = null)
    {
        foreach (string column in columns)
        {
            if (methods.Find(column) is { } method) AddPair(row, column, OtherCells(dataset, normals, column, method, adjust, place), side => published(column, side), ComparedMethods.IsStandIn(method));
        }
    }

    private List<PlannedCell> OtherCells(
        PaperDataset dataset, IReadOnlyList<string?> normals, string column, IDetectionMethod method, Func<ExperimentCell, ExperimentCell>? adjust, string? place = null)
    {
        string variant = place is null ? column : $"{place}, {column}";
        return Cells(dataset, normals, variant, Training, With);

        DetectorOptions Training(BudgetLimits limits)
        {
            DetectorOptions training = methods.WithBackbone(limits.Training(method, dataset.PaperSize));
            budgets.Add($"{limits.Budget.ToString().ToLowerInvariant()}, {column}: its preset {training.Preset}; the same images and attacks");
            return training;
        }

        ExperimentCell With(ExperimentCell cell) => adjust?.Invoke(methods.Identified(cell)) ?? methods.Identified(cell);
    }

    private void Variants(string[] sets, string table, IEnumerable<(string Column, Func<CobraOptions, CobraOptions> Change)> variants, bool rowsAreSets = true)
    {
        (string Column, Func<CobraOptions, CobraOptions> Change)[] all = [.. variants];
        foreach (string set in sets)
        {
            if (AtHand(set) is not { } dataset) continue;
            foreach ((string column, Func<CobraOptions, CobraOptions> change) in all)
            {
                AddPair(
                    set, column, Cells(dataset, Chosen(dataset), column, change),
                    side => rowsAreSets ? PublishedValues.At(table, set, column, side) : PublishedValues.At(table, column, set, side));
            }
        }
    }

    private void Against()
    {
        foreach (string inner in (string[])["CIFAR10", "CIFAR100"])
        {
            if (AtHand(inner) is not { } dataset) continue;
            foreach (string outer in (string[])["CIFAR10", "CIFAR100", "SVHN", "MNIST", "FMNIST", "ImageNet"])
            {
                if (outer == inner || AtHand(outer) is not { } anomalies) continue;
                string row = $"{inner} against {outer}", place = $"against {anomalies.Key}";
                if (methods.HasCobra) AddPair(row, "COBRA", Cells(dataset, [null], place, Same, To), side => PublishedValues.At("T3", inner, outer, side));
                Others(MultiClassMethods, row, dataset, [null], (method, side) => PublishedValues.OfBaseline("T3", inner, outer, method, side), To, place);

                ExperimentCell To(ExperimentCell cell) => cell with { Anomalies = anomalies.Key };
            }
        }
    }

    private void Attacks()
    {
        (string Column, string Attack)[] columns = [("Clean", "clean"), ("BlackBox", "simba"), ("FGSM", "fgsm"), ("CAA", "caa"), ("A3", "a3"), ("AutoAttack", "autoattack"), ("PGD-1000", "pgd")];
        foreach (string set in (string[])["CIFAR10", "CIFAR100", "FMNIST", "ImageNet", "MVTecAD", "VisA"])
        {
            if (AtHand(set) is not { } dataset) continue;
            List<PlannedCell> cells = Cells(dataset, Chosen(dataset), "seven attacks", Same, cell => WithAttacks(cell, dataset, ["fgsm", "pgd", "simba", "autoattack", "caa", "a3"]));
            foreach ((string column, string attack) in columns) Add(set, column, "AUROC, %", $"{attack}.auroc", 100, PublishedValues.At("T4", set, column), cells);
        }
    }

    private void OthersAttacked()
    {
        foreach (string set in (string[])["CIFAR10", "CIFAR100", "MNIST", "FMNIST", "SVHN", "ImageNet30"])
        {
            if (AtHand(set) is not { } dataset) continue;
            foreach (string column in SeparateMethods)
            {
                if (methods.Find(column) is not { } method) continue;
                List<PlannedCell> cells = OtherCells(dataset, Chosen(dataset), column, method, cell => WithAttacks(cell, dataset, ["autoattack", "a3"]));
                foreach ((string quantity, string attack) in (ReadOnlySpan<(string, string)>)[("AUROC under AutoAttack, %", "autoattack"), ("AUROC under A3, %", "a3")])
                    entries.Add(Marked(Entry(set, column, quantity, $"{attack}.auroc", 100, PublishedValues.OfBaseline("T13", set, column), cells), ComparedMethods.IsStandIn(method)));
            }
        }
    }

    private void Sources()
    {
        Variants(FourSets, "T5",
        [
            ("None", o => o with { AnomalySource = PseudoAnomalySources.None, Contrastive = o.Contrastive with { Name = "ntxent" }, ClassificationWeight = 0 }),
            ("CPAD", o => o with { AnomalySource = "cutpaste-3way" }),
            ("CSI", o => o with { AnomalySource = "rotation" }),
            ("GOE-small", o => o with { AnomalySource = PseudoAnomalySources.GoeSmall }),
            ("VOS", o => o with { AnomalySource = PseudoAnomalySources.VirtualOutliers }),
            ("FITYMI-small", o => o with { AnomalySource = PseudoAnomalySources.FitymiSmall }),
            ("Ours", Same),
        ]);
        for (int i = 0; i < entries.Count; i++)
        {
            if (StandIn(entries[i].Column) is not var (original, note)) continue;
            double? published = PublishedValues.At("T5", entries[i].Row, original, entries[i].Quantity == Clean ? 0 : 1);
            entries[i] = entries[i] with { Published = published, IsComparable = false, Notes = [.. entries[i].Notes, note] };
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

    private void Losses() => Variants(FourSets, "T6",
    [
        ("CLS", o => Loss(o, "none", 1)), ("CL", o => Loss(o, "ntxent", 0)), ("SupCL", o => Loss(o, "supcon", 0)), ("Opposite", o => Loss(o, "opposite", 0)),
        ("COBRA", o => Loss(o, "cobra", 0)), ("COBRA+CLS", o => Loss(o, "cobra", 1)),
    ]);

    private void Significances() => Variants(
        LevelSets, "T7",
        Levels.Select(level => (
            Column: level.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture),
            Change: (Func<CobraOptions, CobraOptions>)(o => o with { PseudoAnomalies = o.PseudoAnomalies with { Significance = level } }))),
        rowsAreSets: false);

    private void Scores() => Variants(["MVTecAD", "CIFAR10", "FMNIST", "CIFAR100"], "T10",
    [
        ("A+A'", o => o with { Score = CobraScore.Sum }), ("A'", o => o with { Score = CobraScore.Classifier }), ("A", Same),
    ]);

    private void Generations()
    {
        foreach (string set in FourSets)
        {
            if (AtHand(set) is not { } dataset) continue;
            foreach ((string column, string source) in (ReadOnlySpan<(string, string)>)
                [("CPAD", "cutpaste-3way"), ("CSI", "rotation"), ("GOE-small", PseudoAnomalySources.GoeSmall), ("FITYMI-small", PseudoAnomalySources.FitymiSmall), ("Ours", PseudoAnomalySources.Ours)])
            {
                List<PlannedCell> cells = Cells(dataset, Chosen(dataset), column, o => o with { AnomalySource = source }, cell => cell with { Measure = CellMeasure.Generation, Attacks = [] });
                Distance("Fréchet distance on C (published: FID)", "frechet", "FID");
                Distance("density (published: DC)", "density", "DC");
                Distance("coverage (published: DC)", "coverage", "DC");

                void Distance(string quantity, string value, string printed)
                {
                    PaperEntry entry = Entry(set, column, quantity, value, 1, PublishedValues.At("T8", set, printed, StandIn(column)?.Original ?? column), cells);
                    entries.Add(entry with { IsComparable = false, Notes = StandIn(column) is var (_, note) ? [.. entry.Notes, note] : entry.Notes });
                }
            }
        }
    }

    private void Classifier()
    {
        foreach (string set in (string[])["CIFAR10", "CIFAR100", "MNIST", "FMNIST", "SVHN", "ImageNet30", "MVTecAD", "VisA", "DAGM", "ISIC2018"])
        {
            if (AtHand(set) is not { } dataset) continue;
            List<PlannedCell> cells = Cells(dataset, Chosen(dataset), "C", Same, cell => cell with { Measure = CellMeasure.Likelihood, Attacks = [] });
            Add(set, "C", Clean, "clean.auroc", 100, PublishedValues.At("T11", set), cells);
        }
    }

    private void Sweep(string table, string norm, int[] levels)
    {
        foreach (string set in SweepSets)
        {
            if (AtHand(set) is not { } dataset) continue;
            foreach (int level in levels)
            {
                string column = $"{level}/255";
                List<PlannedCell> cells = Cells(dataset, Chosen(dataset), $"{norm} {column}", Same, cell => cell with { Threat = $"{norm}:{column}" });
                Add(set, column, Attacked, "pgd.auroc", 100, PublishedValues.At(table, level.ToString(System.Globalization.CultureInfo.InvariantCulture), set), cells);
            }
        }
    }

    private void TrainingHours()
    {
        foreach (string set in (string[])["MVTecAD", "VisA", "CityScapes", "ImageNet"])
        {
            if (AtHand(set) is not { } dataset) continue;
            Hours(set, dataset, "COBRA_adv", Same);
            Hours(set, dataset, "COBRA_clean", o => o with { Attack = null });
        }

        void Hours(string set, PaperDataset dataset, string column, Func<CobraOptions, CobraOptions> change) => entries.Add(
            Entry(set, column, "hours of training, all classes (published: RTX 3090)", "timing.training", 1 / 3600.0, PublishedValues.At("T16_hours", column, set), Cells(dataset, Chosen(dataset), column, change))
            with
            { IsComparable = false });
    }

    private void ScoringTime()
    {
        foreach (string set in (string[])["MVTecAD", "CIFAR10", "FMNIST"])
        {
            if (AtHand(set) is not { } dataset) continue;
            if (methods.HasCobra) Time("COBRA", PublishedValues.At("T17_ms_per_image", "COBRA"), Cells(dataset, Chosen(dataset), "COBRA", Same));
            foreach (string column in (string[])["CSI", "MSAD", "Transformaly", "ReContrast", "OCSDF", ComparedMethods.Released])
            {
                if (methods.Find(column) is { } method) Time(column, PublishedValues.OfBaseline("T17", column), OtherCells(dataset, Chosen(dataset), column, method, adjust: null));
            }

            void Time(string column, double? published, List<PlannedCell> cells) =>
                entries.Add(Entry(set, column, "ms an image (published: RTX 3090)", "timing.scoring", 1, published, cells) with { IsComparable = false });
        }
    }

    private void ClassTables(string[] sets, Func<string, string, int, double?> published)
    {
        (string Column, string Attack)[] columns = [("Clean", "clean"), ("BlackBox", "simba"), ("PGD", "pgd"), ("A3", "a3")];
        foreach (string set in sets)
        {
            if (AtHand(set) is not { } dataset) continue;
            string?[] all = [.. dataset.Classes(dataset.Find(options.Data)!)];
            foreach (string? normal in Chosen(dataset))
            {
                List<PlannedCell> cells = Cells(dataset, [normal], "four attacks", Same, cell => WithAttacks(cell, dataset, ["simba", "pgd", "a3"]));
                foreach ((string column, string attack) in columns)
                {
                    double? printed = published(set, column, Array.IndexOf(all, normal));
                    // The table prints 793.7 where its average asks for 93.7: no share is above 100.
                    Add($"{set} {normal}", column, "AUROC, %", $"{attack}.auroc", 100, printed > 100 ? null : printed, cells);
                }
            }
        }
    }

    private void Seeds()
    {
        foreach (string set in TenSets)
        {
            if (AtHand(set) is not { } dataset) continue;
            List<PlannedCell> cells = Cells(dataset, Chosen(dataset), "COBRA", Same);
            foreach ((string side, string quantity, string value) in (ReadOnlySpan<(string, string, string)>)[("clean", Clean, "clean.auroc"), ("adv", Attacked, "pgd.auroc")])
            {
                Add(set, "mean", quantity, value, 100, PublishedValues.At("T20_mean_std", side, set, 0), cells);
                entries.Add(Entry(set, "deviation over seeds", quantity, value, 100, PublishedValues.At("T20_mean_std", side, set, 1), cells) with { IsDeviation = true });
            }
        }
    }

    private void MetricTable()
    {
        foreach (string set in SweepSets)
        {
            if (AtHand(set) is not { } dataset) continue;
            if (methods.HasCobra) Metrics("COBRA", Cells(dataset, Chosen(dataset), "COBRA", Same), (metric, side) => PublishedValues.At("T21", metric, set, side), isStandIn: false);
            foreach (string column in (string[])["Transformaly", "ZARND", ComparedMethods.Released])
            {
                if (methods.Find(column) is { } method)
                    Metrics(column, OtherCells(dataset, Chosen(dataset), column, method, adjust: null), (metric, side) => PublishedValues.OfBaseline("T21", column, metric, set, side), ComparedMethods.IsStandIn(method));
            }

            void Metrics(string column, List<PlannedCell> cells, Func<string, int, double?> published, bool isStandIn)
            {
                foreach (string metric in (string[])["AUROC", "AUPR", "FPR95"])
                {
                    string value = metric.ToLowerInvariant();
                    entries.Add(Marked(Entry(set, column, $"{metric} clean, %", $"clean.{value}", 100, published(metric, 0), cells), isStandIn));
                    entries.Add(Marked(Entry(set, column, $"{metric} under PGD, %", $"pgd.{value}", 100, published(metric, 1), cells), isStandIn));
                }
            }
        }
    }

    private void Maps() => Variants(["CIFAR10", "FMNIST"], "none",
        [("CL", o => Loss(o, "ntxent", 0)), ("CLS", o => Loss(o, "none", 1)), ("SupCL", o => Loss(o, "supcon", 0)), ("COBRA", o => Loss(o, "cobra", 1))]);

    private void Curves()
    {
        foreach (string set in (string[])["MVTecAD", "FMNIST"])
        {
            if (AtHand(set) is not { } dataset) continue;
            List<PlannedCell> cells = Cells(dataset, [.. Chosen(dataset).Take(1)], "by epoch", Same, cell => cell with { Measure = CellMeasure.Epochs });
            int last = cells[0].Cell.Cobra.Epochs;
            Add(set, "last epoch", Clean, FormattableString.Invariant($"epoch {last:0000}.clean.auroc"), 100, null, cells);
            Add(set, "last epoch", Attacked, FormattableString.Invariant($"epoch {last:0000}.pgd.auroc"), 100, null, cells);
        }
    }

    private void Costs()
    {
        foreach (string set in FourSets)
        {
            if (AtHand(set) is not { } dataset) continue;
            foreach ((string column, Func<CobraOptions, CobraOptions> change) in (ReadOnlySpan<(string, Func<CobraOptions, CobraOptions>)>)[("COBRA", Same), ("COBRA, clean training", o => o with { Attack = null })])
            {
                List<PlannedCell> cells = Cells(dataset, [.. Chosen(dataset).Take(1)], column, change);
                Add(set, column, Attacked, "pgd.auroc", 100, null, cells);
                Add(set, column, "minutes of training", "timing.training", 1 / 60.0, null, cells);
            }
        }
    }

    private void AddPair(string row, string column, IReadOnlyList<PlannedCell> cells, Func<int, double?> published, bool isStandIn = false)
    {
        double? clean = published(0), attacked = published(1);
        entries.Add(Marked(Entry(row, column, Clean, "clean.auroc", 100, clean, cells), isStandIn));
        PaperEntry entry = Marked(Entry(row, column, Attacked, "pgd.auroc", 100, attacked, cells), isStandIn);
        entries.Add(attacked > clean ? entry with { Notes = [.. entry.Notes, "printed above its clean value, which no attack that may return the clean image can do"] } : entry);
    }

    private static PaperEntry Marked(PaperEntry entry, bool isStandIn) =>
        isStandIn ? entry with { IsComparable = false, Notes = [.. entry.Notes, "a backbone of your own, not comparable"] } : entry;

    private void Add(string row, string column, string quantity, string value, double scale, double? published, IReadOnlyList<PlannedCell> cells) =>
        entries.Add(Entry(row, column, quantity, value, scale, published, cells));

    private PaperEntry Entry(string row, string column, string quantity, string value, double scale, double? published, IReadOnlyList<PlannedCell> cells) =>
        new(row, column, quantity, value, scale, published, cells) { Notes = [.. PublishedValues.NotesOn(name, row, column)] };

    private List<PlannedCell> Cells(
        PaperDataset dataset, IReadOnlyList<string?> normals, string variant, Func<CobraOptions, CobraOptions> change, Func<ExperimentCell, ExperimentCell>? adjust = null) =>
        Cells(dataset, normals, variant, limits => change(limits.Options), adjust);

    private List<PlannedCell> Cells(
        PaperDataset dataset, IReadOnlyList<string?> normals, string variant, Func<BudgetLimits, DetectorOptions> training, Func<ExperimentCell, ExperimentCell>? adjust)
    {
        BudgetLimits limits = BudgetLimits.For(options.Budget, dataset.PaperSize);
        budgets.Add(limits.Describe());
        List<PlannedCell> cells = [];
        foreach (string? normal in normals)
        {
            for (int seed = 0; seed < (options.Seeds ?? (name == "table20" ? 5 : 1)); seed++)
            {
                ExperimentCell cell = new()
                {
                    Dataset = dataset.Key,
                    Class = normal,
                    ImageSize = limits.ImageSize,
                    MaxTrain = limits.MaxTrain,
                    SamplesPerClass = limits.SamplesPerClass,
                    Options = training(limits) with { Seed = seed },
                    Threat = $"linf:{(dataset.PaperSize <= 32 ? 4 : 2)}/255",
                    Attacks = [limits.Recipe("pgd")],
                };
                cells.Add(new PlannedCell($"{dataset.Key}{(normal is null ? "" : $" {normal}")} / {variant} / seed {seed}", adjust?.Invoke(cell) ?? cell));
            }
        }

        return cells;
    }

    private ExperimentCell WithAttacks(ExperimentCell cell, PaperDataset dataset, string[] kinds)
    {
        BudgetLimits limits = BudgetLimits.For(options.Budget, dataset.PaperSize);
        return cell with { Attacks = [.. kinds.Select(limits.Recipe)] };
    }

    private IEnumerable<(PaperDataset Dataset, string? Normal)> Normals(string set) =>
        AtHand(set) is { } dataset ? Chosen(dataset).Select(normal => (dataset, normal)) : [];

    /// <summary>The data set when it is wanted and there; what is missing is said in the report.</summary>
    private PaperDataset? AtHand(string set)
    {
        PaperDataset? dataset = PaperDatasets.Named(set);
        if (dataset is not null && options.Datasets.Count > 0 && !options.Datasets.Contains(dataset.Key))
        {
            isNarrowed = true;
            return null;
        }

        if (dataset is not null && dataset.Find(options.Data) is { } folder && dataset.Classes(folder) is { Count: > 0 } classes)
        {
            if (options.Classes.Count == 0 || classes.Any(normal => normal is null || options.Classes.Contains(normal))) return dataset;
            isNarrowed = true;
            return null;
        }

        string reason = $"{set}: not in the folder of data sets";
        if (options.Datasets.Count == 0 && !leftOut.Contains(reason)) leftOut.Add(reason);
        return null;
    }

    private string?[] Chosen(PaperDataset dataset)
    {
        IReadOnlyList<string?> all = dataset.Classes(dataset.Find(options.Data)!);
        string?[] chosen = [.. all.Where(normal => normal is null || options.Classes.Count == 0 || options.Classes.Contains(normal))];
        string only = $"{dataset.Title}: every class other than {string.Join(", ", chosen)}; a published mean is over all classes";
        // A collection at hand may lack categories, whatever was chosen.
        if ((chosen.Length < all.Count || dataset.IsCollection) && !leftOut.Contains(only)) leftOut.Add(only);
        return chosen;
    }

    private static CobraOptions Loss(CobraOptions options, string loss, double classificationWeight) =>
        options with { Contrastive = options.Contrastive with { Name = loss }, ClassificationWeight = classificationWeight };

    private static CobraOptions Same(CobraOptions options) => options;
}
