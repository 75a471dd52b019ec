namespace CobraAD.Datasets.Formats;

/// <summary>
/// Street View House Numbers, format 2: MATLAB files with X, bytes [32, 32, 3, N] in column-major order (so the rows of an image lie
/// next to each other), and y, the digit of each image with 10 for zero.
/// </summary>
internal static class SvhnCatalog
{
    private const string TrainFile = "train_32x32.mat", TestFile = "test_32x32.mat";
    private const int Zero = 10;

    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, TrainFile)) || File.Exists(Path.Combine(folder, TestFile));

    public static Catalog Open(string folder, string name, CatalogLimits limits)
    {
        foreach (string file in (string[])[TrainFile, TestFile])
        {
            if (!File.Exists(Path.Combine(folder, file))) throw new DatasetException($"'{Path.Combine(folder, file)}' is missing; SVHN needs {TrainFile} and {TestFile}.");
        }

        return new Catalog(
            name, DatasetLayout.Svhn, [.. Read(Path.Combine(folder, TrainFile), CatalogPart.Train, limits), .. Read(Path.Combine(folder, TestFile), CatalogPart.Test, limits)],
            [.. Enumerable.Range(0, Zero).Select(Catalog.ClassName)]);
    }

    private static IEnumerable<CatalogItem> Read(string path, CatalogPart part, CatalogLimits limits)
    {
        // X is incompressible: the file is about as large as its pixels.
        limits.RequireMemory(3 * new FileInfo(path).Length, $"'{path}'");
        IReadOnlyDictionary<string, MatFile.Array> arrays = MatFile.Read(path, "X", "y");
        MatFile.Array images = arrays["X"];
        int[] labels = arrays["y"].Whole();
        if (images.Dimensions is not ([_, _, 3, _] or [_, _, 3]))
            throw new DatasetException($"'{path}': X is {string.Join(" × ", images.Dimensions)}, expected height × width × 3 × images.");
        if (!images.IsBytes) throw new DatasetException($"'{path}': the values of X are no bytes; expected uint8, as the published files have.");
        (int rows, int columns) = (images.Dimensions[0], images.Dimensions[1]);
        if (rows < 1 || columns < 1) throw new DatasetException($"'{path}': X is {string.Join(" × ", images.Dimensions)}, which has no pixels.");
        int count = images.Dimensions.Count == 3 ? 1 : images.Dimensions[3];
        if (labels.Length != count) throw new DatasetException($"'{path}' has {count} images and {labels.Length} labels.");
        int size = 3 * rows * columns;
        for (int i = 0; i < count; i++)
        {
            if (labels[i] is < 1 or > Zero) throw new DatasetException($"'{path}': image {i} has the label {labels[i]}, expected 1 to {Zero}.");
            byte[] pixels = new byte[size];
            for (int channel = 0; channel < 3; channel++)
            {
                for (int column = 0; column < columns; column++)
                {
                    for (int row = 0; row < rows; row++)
                        pixels[(channel * rows + row) * columns + column] = images.Values[((long)i * 3 + channel) * rows * columns + (long)column * rows + row];
                }
            }

            yield return CatalogItem.FromPixels($"{path}#{i}", Catalog.ClassName(labels[i] % Zero), part, columns, rows, pixels);
        }
    }
}
