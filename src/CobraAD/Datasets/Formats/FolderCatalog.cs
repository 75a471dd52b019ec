using CobraAD.Imaging;

namespace CobraAD.Datasets.Formats;

/// <summary>Data sets made of image files: a folder of good images, a folder for each class, and MVTec's arrangement.</summary>
internal static class FolderCatalog
{
    private const string Train = "train";
    private const string Test = "test";
    private const string GroundTruth = "ground_truth";

    public static bool LooksLikeMvTec(string folder) => Directory.Exists(Path.Combine(folder, Train)) || Directory.Exists(Path.Combine(folder, Test));

    public static bool HasGood(string folder) => Directory.Exists(Path.Combine(folder, Catalog.Good));

    public static Catalog OpenImages(string folder, string name)
    {
        RefuseCollection(folder);
        ReadFolders read = new();
        read.Add(folder, path => CatalogItem.FromFile(path, Catalog.Good, CatalogPart.Undivided));
        return Build(folder, name, DatasetLayout.Images, read);
    }

    public static Catalog OpenClasses(string folder, string name)
    {
        RefuseCollection(folder);
        ReadFolders read = new();
        ReadClasses(read, folder, folder, CatalogPart.Undivided);
        return Build(folder, name, DatasetLayout.ClassFolders, read);
    }

    public static Catalog OpenMvTec(string folder, string name, bool goodIsNeeded)
    {
        string good = Path.Combine(folder, Train, Catalog.Good);
        if (goodIsNeeded && !Directory.Exists(good))
        {
            string found = Directory.Exists(Path.Combine(folder, Train)) ? string.Join(", ", Classes(Path.Combine(folder, Train))) : string.Empty;
            throw new DatasetException(
                $"'{good}' is missing: the good images for training belong there. "
                + (found.Length == 0 ? "There is no folder in 'train'." : $"If one of the folders in 'train' ({found}) is the normal class, choose it as NormalClass."));
        }

        ReadFolders read = new();
        ReadClasses(read, Path.Combine(folder, Train), folder, CatalogPart.Train);
        ReadClasses(read, Path.Combine(folder, Test), folder, CatalogPart.Test);
        return Build(folder, name, DatasetLayout.MvTec, read);
    }

    private static Catalog Build(string folder, string name, DatasetLayout layout, ReadFolders read)
    {
        List<OmittedEntry> omitted = Omitted(folder, read);
        if (read.Items.Count > 0) return new Catalog(name, layout, read.Items, [.. read.Items.Select(item => item.Kind).Distinct()]) { Omitted = omitted };
        string found = omitted.Count == 0 ? "" : $" Left out: {omitted[0].Path}: {omitted[0].Reason}";
        throw new DatasetException($"'{folder}' holds no images: expected .png, .jpg, .jpeg, .bmp, .webp, .tif or .tiff files.{found}");
    }

    /// <summary>What lies in the folder, looks like an image or may hold some, and is no item: an omission that nobody sees is a wrong number.</summary>
    private static List<OmittedEntry> Omitted(string folder, ReadFolders read)
    {
        if (read.Entered.Contains(folder)) return read.Omitted;
        FolderListing rest = FolderListing.Of(folder, read.Entered);
        string masks = Path.Combine(folder, GroundTruth) + Path.DirectorySeparatorChar;
        return
        [
            .. read.Omitted.Concat(rest.Omitted).OrderBy(entry => entry.Path, StringComparer.Ordinal),
            .. rest.Files.Where(path => !path.StartsWith(masks, StringComparison.Ordinal)).Select(path => new OmittedEntry(path, "it lies outside of the folders that this layout reads.")),
        ];
    }

    private static void ReadClasses(ReadFolders read, string folder, string root, CatalogPart part)
    {
        if (!Directory.Exists(folder)) return;
        foreach (string name in Classes(folder)) ReadClass(read, Path.Combine(folder, name), Path.Combine(root, GroundTruth, name), name, part);
    }

    private static void ReadClass(ReadFolders read, string folder, string masks, string name, CatalogPart part)
    {
        // A mask is named like its image, with or without "_mask".
        Dictionary<string, string> maskOf = !Directory.Exists(masks) ? [] : FolderListing.Of(masks).Files
            .GroupBy(path => Path.GetFileNameWithoutExtension(path) is var stem && stem.EndsWith("_mask", StringComparison.Ordinal) ? stem[..^"_mask".Length] : stem)
            .ToDictionary(group => group.Key, group => group.First());
        read.Add(folder, path => CatalogItem.FromFile(path, name, part, maskOf.Count == 0 ? null : maskOf.GetValueOrDefault(Path.GetFileNameWithoutExtension(path))));
    }

    private static IEnumerable<string> Classes(string folder) => Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path))
        .Where(name => name != GroundTruth && !name.StartsWith('.')).Order(StringComparer.Ordinal);

    /// <summary>A folder of several MVTec sets would otherwise be read as one, with the defects among the good images.</summary>
    private static void RefuseCollection(string folder)
    {
        string[] sets = [.. Classes(folder).Where(name => Directory.Exists(Path.Combine(folder, name, Train, Catalog.Good)))];
        if (sets.Length > 0) throw new DatasetException($"'{folder}' holds several data sets; open one of them: {string.Join(", ", sets)}.");
    }

    /// <summary>The folders that a layout reads: a folder of a million files is listed once.</summary>
    private sealed class ReadFolders
    {
        public List<CatalogItem> Items { get; } = [];

        public List<OmittedEntry> Omitted { get; } = [];

        public HashSet<string> Entered { get; } = [];

        public void Add(string folder, Func<string, CatalogItem> item)
        {
            FolderListing listing = FolderListing.Of(folder);
            Items.AddRange(listing.Files.Select(item));
            Omitted.AddRange(listing.Omitted);
            Entered.Add(folder);
        }
    }
}
