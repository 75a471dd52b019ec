namespace CobraAD.Datasets.Formats;

/// <summary>
/// The binary versions of CIFAR: records of the label (CIFAR-10: one byte; CIFAR-100: the super-class, then the class) and 3072 bytes,
/// the red, green and blue plane of 32 × 32 pixels.
/// </summary>
internal static class CifarCatalog
{
    private const int Side = 32;
    private const int PixelBytes = 3 * Side * Side;

    public static bool HasCifar10(string folder) => Find(folder, "data_batch_*.bin").Count > 0 || File.Exists(Path.Combine(folder, "test_batch.bin"));

    public static bool HasCifar100(string folder) => File.Exists(Path.Combine(folder, "train.bin")) || File.Exists(Path.Combine(folder, "test.bin"));

    public static Catalog OpenCifar10(string folder, string name, CatalogLimits limits) =>
        Open(folder, name, DatasetLayout.Cifar10, "data_batch_*.bin", "test_batch.bin", "batches.meta.txt", labelBytes: 1, labelAt: 0, classes: 10, limits);

    /// <param name="folder">Where the files are.</param>
    /// <param name="name">The data set's name.</param>
    /// <param name="fine">Whether the 100 classes are wanted instead of the super-classes.</param>
    /// <param name="csi">Whether the super-classes are those of CSI's code instead of the files' own.</param>
    /// <param name="limits">What may be read.</param>
    public static Catalog OpenCifar100(string folder, string name, bool fine, bool csi, CatalogLimits limits) => (fine, csi) switch
    {
        (true, _) => Open(folder, name, DatasetLayout.Cifar100, "train.bin", "test.bin", "fine_label_names.txt", labelBytes: 2, labelAt: 1, classes: 100, limits),
        (_, true) => Open(
            folder, name, DatasetLayout.Cifar100, "train.bin", "test.bin", "coarse_label_names.txt", labelBytes: 2, labelAt: 1, classes: 20, limits, CifarSuperClasses.Csi, most: 100),
        _ => Open(folder, name, DatasetLayout.Cifar100, "train.bin", "test.bin", "coarse_label_names.txt", labelBytes: 2, labelAt: 0, classes: 20, limits),
    };

    private static Catalog Open(
        string folder, string name, DatasetLayout layout, string trainPattern, string testPattern, string namesFile,
        int labelBytes, int labelAt, int classes, CatalogLimits limits, Func<int, int>? classOf = null, int? most = null)
    {
        (string Path, CatalogPart Part)[] files =
        [
            .. Find(folder, trainPattern).Select(path => (path, CatalogPart.Train)),
            .. Find(folder, testPattern).Select(path => (path, CatalogPart.Test)),
        ];
        if (files.Length == 0) throw new DatasetException($"No CIFAR files are in '{folder}': expected {trainPattern} and {testPattern}.");

        limits.RequireMemory(files.Sum(file => new FileInfo(file.Path).Length), $"the files of '{folder}'");
        string[] names = ReadNames(Path.Combine(folder, namesFile), classes);
        List<CatalogItem> items = [];
        byte[] record = new byte[labelBytes + PixelBytes];
        foreach ((string path, CatalogPart part) in files)
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length == 0 || stream.Length % record.Length != 0)
            {
                throw new DatasetException(
                    $"'{path}' has {stream.Length} bytes, not a multiple of the {record.Length} bytes of a record: it is truncated or not a {layout} file.");
            }

            for (int i = 0; stream.Position < stream.Length; i++)
            {
                stream.ReadExactly(record);
                int label = record[labelAt];
                if (label >= (most ?? classes)) throw new DatasetException($"'{path}' is not a {layout} file: image {i} has label {label}, expected 0 to {(most ?? classes) - 1}.");
                items.Add(CatalogItem.FromPixels($"{path}#{i}", names[classOf?.Invoke(label) ?? label], part, Side, Side, record[labelBytes..]));
            }
        }

        return new Catalog(name, layout, items, names);
    }

    private static string[] ReadNames(string path, int classes)
    {
        string[] names = File.Exists(path) ? [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)] : [];
        return names.Distinct().Count() == classes && names.Length == classes ? names : [.. Enumerable.Range(0, classes).Select(Catalog.ClassName)];
    }

    private static List<string> Find(string folder, string pattern) =>
        [.. Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)];
}
