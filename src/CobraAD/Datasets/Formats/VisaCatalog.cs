namespace CobraAD.Datasets.Formats;

/// <summary>
/// One object of VisA, with the one-class split that its makers published: ROOT/split_csv/1cls.csv names the object, the part, the label,
/// the image and the mask of every file, with paths from ROOT.
/// </summary>
internal static class VisaCatalog
{
    private const string Anomaly = "anomaly";

    public static bool IsIn(string folder) => File.Exists(SplitOf(folder));

    public static Catalog Open(string folder, string name)
    {
        string root = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))!;
        string split = SplitOf(folder);
        List<CatalogItem> items = [];
        foreach (string[] row in CsvTable.Read(split, "object", "split", "label", "image", "mask"))
        {
            if (row[0] != name) continue;
            string path = Path.Combine(root, row[3]);
            if (!File.Exists(path)) throw new DatasetException($"'{path}' is missing; '{split}' lists it.");
            CatalogPart part = row[1] switch
            {
                "train" => CatalogPart.Train,
                "test" => CatalogPart.Test,
                _ => throw new DatasetException($"'{split}': '{row[3]}' is in the part '{row[1]}', expected train or test."),
            };
            items.Add(CatalogItem.FromFile(path, row[2] == "normal" ? Catalog.Good : Anomaly, part) with { Mask = row[4].Length == 0 ? null : Path.Combine(root, row[4]) });
        }

        return items.Count > 0 ? new Catalog(name, DatasetLayout.Visa, items, [Catalog.Good, Anomaly]) : throw new DatasetException($"'{split}' lists no images of '{name}'.");
    }

    private static string SplitOf(string folder) => Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) ?? "", "split_csv", "1cls.csv");
}
