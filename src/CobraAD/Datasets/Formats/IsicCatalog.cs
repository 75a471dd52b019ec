namespace CobraAD.Datasets.Formats;

/// <summary>
/// ISIC 2018 task 3: folders ISIC2018_Task3_PART_Input with images and ISIC2018_Task3_PART_GroundTruth with a CSV file whose columns are
/// the image and one for each diagnosis, 1 for the one that holds. Naevi (NV) are normal (paper, appendix L).
/// </summary>
internal static class IsicCatalog
{
    private const string Naevus = "NV";

    private static readonly string[] Diagnoses = ["MEL", Naevus, "BCC", "AKIEC", "BKL", "DF", "VASC"];

    public static bool IsIn(string folder) => Directory.Exists(Input(folder, "Training"));

    public static Catalog Open(string folder, string name)
    {
        bool hasTest = Directory.Exists(Input(folder, "Test"));
        List<CatalogItem> items = [.. Read(folder, "Training", hasTest ? CatalogPart.Train : CatalogPart.Undivided)];
        if (hasTest) items.AddRange(Read(folder, "Test", CatalogPart.Test));
        return new Catalog(name, DatasetLayout.Isic2018, items, [Catalog.Good, .. Diagnoses.Where(diagnosis => diagnosis != Naevus)]);
    }

    private static IEnumerable<CatalogItem> Read(string folder, string partName, CatalogPart part)
    {
        string truth = Path.Combine(folder, $"ISIC2018_Task3_{partName}_GroundTruth", $"ISIC2018_Task3_{partName}_GroundTruth.csv");
        foreach (string[] row in CsvTable.Read(truth, ["image", .. Diagnoses]))
        {
            string path = Path.Combine(Input(folder, partName), row[0] + ".jpg");
            if (!File.Exists(path)) throw new DatasetException($"'{path}' is missing; '{truth}' lists it.");
            int diagnosis = Array.FindIndex(row, 1, value => value.StartsWith('1')) - 1;
            if (diagnosis < 0) throw new DatasetException($"'{truth}': '{row[0]}' has no diagnosis.");
            yield return CatalogItem.FromFile(path, Diagnoses[diagnosis] == Naevus ? Catalog.Good : Diagnoses[diagnosis], part);
        }
    }

    private static string Input(string folder, string part) => Path.Combine(folder, $"ISIC2018_Task3_{part}_Input");
}
