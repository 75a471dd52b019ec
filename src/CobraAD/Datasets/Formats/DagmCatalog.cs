using CobraAD.Imaging;

namespace CobraAD.Datasets.Formats;

/// <summary>
/// One class of DAGM 2007: Train and Test with grey images named by number; an image is defective when Label has NUMBER_label beside it.
/// Defective images of Train are no part of the one-class protocol.
/// </summary>
internal static class DagmCatalog
{
    private const string Defect = "defect";

    public static bool IsIn(string folder) => Directory.Exists(Path.Combine(folder, "Train", "Label"));

    public static Catalog Open(string folder, string name)
    {
        CatalogItem[] items = [.. Read(folder, "Train", CatalogPart.Train), .. Read(folder, "Test", CatalogPart.Test)];
        return items.Length > 0 ? new Catalog(name, DatasetLayout.Dagm, items, [Catalog.Good, Defect]) : throw new DatasetException($"'{folder}' holds no images in Train and Test.");
    }

    private static IEnumerable<CatalogItem> Read(string folder, string partName, CatalogPart part)
    {
        string images = Path.Combine(folder, partName), labels = Path.Combine(images, "Label");
        if (!Directory.Exists(labels)) throw new DatasetException($"'{labels}' is missing; without it no image of '{images}' can be told to be defective.");
        Dictionary<string, string> masks = [];
        foreach (string path in ImageFiles.InFolder(labels))
        {
            string name = Path.GetFileNameWithoutExtension(path).Replace("_label", "", StringComparison.Ordinal);
            if (!masks.TryAdd(name, path)) throw new DatasetException($"'{masks[name]}' and '{path}' are both the label of the image '{name}'; keep one.");
        }

        return Directory.EnumerateFiles(images).Order(StringComparer.Ordinal).Where(ImageNames.Match).Select(path =>
        {
            string? mask = masks.GetValueOrDefault(Path.GetFileNameWithoutExtension(path));
            return CatalogItem.FromFile(path, mask is null ? Catalog.Good : Defect, part) with { Mask = mask };
        });
    }
}
