using CobraAD.Datasets.Formats;
using CobraAD.Torch;

namespace CobraAD.Datasets.Protocols;

/// <summary>Which images a benchmark consists of: a protocol applied to one or two catalogs, before anything is decoded.</summary>
internal sealed record BenchmarkPlan(
    string Name, string Protocol, IReadOnlyList<CatalogItem> Train, IReadOnlyList<CatalogItem> NormalTest, IReadOnlyList<CatalogItem> AnomalousTest)
{
    /// <summary>The protocol of a data set without a test part, whose good images are divided.</summary>
    public const string RandomSplit = "random split";

    public static BenchmarkPlan Make(Catalog catalog, Catalog? anomalyData, DatasetOptions options)
    {
        string? normalClass = NormalClassOf(catalog, anomalyData, options);
        RandomStreams streams = new(options.Seed);
        CatalogItem[] normals = [.. catalog.Items.Where(item => normalClass is null || item.Kind == normalClass)];
        IReadOnlyList<CatalogItem> train = [.. normals.Where(item => item.Part != CatalogPart.Test)];
        IReadOnlyList<CatalogItem> normalTest = [.. normals.Where(item => item.Part == CatalogPart.Test)];
        IReadOnlyList<CatalogItem> anomalousTest = anomalyData is null
            ? [.. catalog.Items.Where(item => item.Part != CatalogPart.Train && normalClass is not null && item.Kind != normalClass)]
            : [.. TestPart(anomalyData).Select(item => item with { Kind = anomalyData.Name })];

        RequireEnough(train.Count, catalog.Name, normalClass);
        bool split = normalTest.Count == 0;
        if (split)
        {
            int held = Math.Min((int)Math.Round(train.Count * options.TestFraction), train.Count - DatasetOptions.FewestTrainingImages);
            normalTest = SeededChoice.Draw(train, held, new RandomStreams(options.SplitSeed ?? options.Seed), "dataset test split");
            HashSet<CatalogItem> taken = new(normalTest, ReferenceEqualityComparer.Instance);
            train = [.. train.Where(item => !taken.Contains(item))];
        }

        if (options.MaxTrain is int mostTrain) train = SeededChoice.DrawEvenly(train, mostTrain, streams, "dataset train sample");
        if (options.MaxTest is int mostTest)
        {
            int[] shares = SeededChoice.Shares([normalTest.Count, anomalousTest.Count], mostTest);
            normalTest = SeededChoice.DrawEvenly(normalTest, shares[0], streams, "dataset normal test sample");
            anomalousTest = SeededChoice.DrawEvenly(anomalousTest, shares[1], streams, "dataset anomalous test sample");
        }

        return new BenchmarkPlan(NameOf(catalog, anomalyData, normalClass), ProtocolOf(catalog, anomalyData, normalClass, split), train, normalTest, anomalousTest);
    }

    public static void RequireEnough(int images, string name, string? normalClass = null)
    {
        if (images < DatasetOptions.FewestTrainingImages)
        {
            throw new DatasetException(
                $"'{name}' has {images} normal images{(normalClass is null or Catalog.Good ? string.Empty : $" of '{normalClass}'")} to train on; at least {DatasetOptions.FewestTrainingImages} are needed, and 16 with COBRA's filtered pseudo-anomalies.");
        }
    }

    /// <summary>The normal class, or null when every class is normal.</summary>
    private static string? NormalClassOf(Catalog catalog, Catalog? anomalyData, DatasetOptions options)
    {
        if (options.NormalClass is not null) return catalog.FindClass(options.NormalClass);
        if (catalog.Classes.Contains(Catalog.Good)) return Catalog.Good;
        if (anomalyData is not null) return null;
        throw new DatasetException(
            $"'{catalog.Name}' has no class '{Catalog.Good}': choose the normal one of its classes ({string.Join(", ", catalog.Classes)}) as NormalClass, "
            + "or give a second data set as AnomalyData.");
    }

    private static IEnumerable<CatalogItem> TestPart(Catalog catalog) => catalog.Items.Any(item => item.Part == CatalogPart.Test)
        ? catalog.Items.Where(item => item.Part == CatalogPart.Test)
        : catalog.Items;

    private static string NameOf(Catalog catalog, Catalog? anomalyData, string? normalClass)
    {
        string normal = normalClass is null or Catalog.Good ? catalog.Name : $"{catalog.Name} {normalClass}";
        return anomalyData is null ? normal : $"{normal} against {anomalyData.Name}";
    }

    private static string ProtocolOf(Catalog catalog, Catalog? anomalyData, string? normalClass, bool split) =>
        anomalyData is not null && normalClass is null or Catalog.Good ? "unlabelled multi-class"
        : normalClass != Catalog.Good ? "one-class"
        : split ? RandomSplit
        : "folder";
}
