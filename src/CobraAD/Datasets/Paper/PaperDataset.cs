using CobraAD.Datasets.Formats;

namespace CobraAD.Datasets.Paper;

/// <summary>A data set of the paper: where to get it, how its files must lie, and how it is read.</summary>
/// <param name="Key">What commands call it.</param>
/// <param name="Title">Its name.</param>
/// <param name="Layout">How its files are arranged.</param>
/// <param name="PaperSize">Side in pixels of its images in the paper's experiments.</param>
/// <param name="Origin">Where to get it.</param>
/// <param name="Licence">Its licence as its makers state it; read theirs before use.</param>
/// <param name="Expected">What must be in its folder.</param>
public sealed record PaperDataset(string Key, string Title, DatasetLayout Layout, int PaperSize, string Origin, string Licence, string Expected)
{
    /// <summary>Folders under which it is looked for, besides the key.</summary>
    public IReadOnlyList<string> FolderNames { get; init; } = [];

    /// <summary>What the paper's tables call it.</summary>
    public IReadOnlyList<string> PaperNames { get; init; } = [];

    /// <summary>The labels that are normal in turn; empty when each subfolder is a data set of its own, or the folder is one.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Whether each subfolder is a data set of its own, with its own good images.</summary>
    public bool IsCollection { get; init; }

    /// <summary>Whether its labels are the super-classes of CSI's code (<see cref="DatasetOptions.CsiSuperClasses"/>).</summary>
    internal bool HasCsiSuperClasses { get; init; }

    /// <summary>Training and test images that the published data set has, over all classes; <see langword="null"/> where versions differ.</summary>
    public (int Train, int Test)? PublishedCounts { get; init; }

    /// <summary>MD5 of published files by name, unpacked where they are published packed; empty where none is known.</summary>
    public IReadOnlyDictionary<string, string> PublishedMd5 { get; init; } = new Dictionary<string, string>();

    /// <summary>The data set's folder below a folder of data sets, or <see langword="null"/> when it is not there.</summary>
    /// <param name="data">The folder of data sets.</param>
    public string? Find(string data) => FolderNames.Prepend(Key).Select(name => Path.Combine(data, name)).FirstOrDefault(Directory.Exists);

    /// <summary>What can be normal: labels, or the categories that are there; one <see langword="null"/> when the folder is one data set.</summary>
    /// <param name="folder">The data set's folder.</param>
    public IReadOnlyList<string?> Classes(string folder) =>
        IsCollection ? [.. Directory.EnumerateDirectories(folder).Where(IsCategory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
        : Labels.Count > 0 ? [.. Labels]
        : [null];

    /// <summary>Opens the data set with one of its classes as normal.</summary>
    /// <param name="folder">The data set's folder.</param>
    /// <param name="normal">One of <see cref="Classes"/>; <see langword="null"/> takes all classes as normal.</param>
    /// <param name="anomalies">The folder whose images are the anomalies; <see langword="null"/> for the data set's own.</param>
    /// <param name="options">Size, sample and seed.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>The benchmark; the caller disposes it.</returns>
    /// <exception cref="DatasetException">The data set is missing, damaged or incomplete.</exception>
    public AnomalyBenchmark Open(string folder, string? normal, string? anomalies, DatasetOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        string path = IsCollection ? Path.Combine(folder, normal ?? throw new DatasetException($"{Title} is a collection: choose one of its categories ({string.Join(", ", Classes(folder))}).")) : folder;
        return DatasetLoader.Open(
            path, options with { Layout = Layout, NormalClass = IsCollection ? options.NormalClass : normal, AnomalyData = anomalies, CsiSuperClasses = HasCsiSuperClasses },
            cancellation: cancellation);
    }

    /// <summary>What is in the folder before any protocol is applied: one catalog, or one for each category.</summary>
    internal IEnumerable<Catalog> Catalogs(string folder) => (IsCollection ? Classes(folder).Select(name => Path.Combine(folder, name!)) : [folder])
        .Select(path => DatasetFormats.Open(path, new DatasetOptions { Layout = Layout }, goodIsNeeded: IsCollection));

    /// <summary>VisA's folder of splits is no category.</summary>
    private static bool IsCategory(string path) => Path.GetFileName(path) != "split_csv" && Directory.EnumerateDirectories(path).Any();
}
