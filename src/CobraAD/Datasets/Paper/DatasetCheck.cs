using System.IO.Compression;
using System.Security.Cryptography;
using CobraAD.Datasets.Formats;

namespace CobraAD.Datasets.Paper;

/// <summary>Whether a folder of data sets has one of the paper's, and whether it can be read.</summary>
/// <param name="Folder">Where it is; <see langword="null"/> when it is not there.</param>
/// <param name="Classes">Its classes or categories.</param>
/// <param name="Train">Normal training images, over all classes.</param>
/// <param name="Test">Test images; of a labelled data set each counts once.</param>
/// <param name="Problem">What is wrong with it; <see langword="null"/> when all is well.</param>
public sealed record DatasetCheck(string? Folder, IReadOnlyList<string> Classes, int Train, int Test, string? Problem)
{
    /// <summary>The check in one line.</summary>
    public string Summary => Folder is null ? "not there"
        : Problem is null ? $"{Folder}: {(Classes.Count == 0 ? "" : $"{Classes.Count} classes, ")}{Train} normal training and {Test} test images"
        : $"{Folder}: {Problem}";

    /// <summary>Checks a data set: every list of files is read, no image is decoded; files whose published hash is known are hashed.</summary>
    /// <param name="dataset">Which.</param>
    /// <param name="data">The folder of data sets.</param>
    /// <param name="cancellation">Stops between two classes.</param>
    public static DatasetCheck Of(PaperDataset dataset, string data, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (dataset.Find(data) is not { } folder) return new DatasetCheck(null, [], 0, 0, null);
        try
        {
            IReadOnlyList<string?> classes = dataset.Classes(folder);
            if (classes.Count == 0) return new DatasetCheck(folder, [], 0, 0, $"it has no categories; expected {dataset.Expected}");
            int train = 0, test = 0;
            HashSet<string> kinds = new(StringComparer.Ordinal);
            foreach (Catalog catalog in dataset.Catalogs(folder))
            {
                cancellation.ThrowIfCancellationRequested();
                train += catalog.Items.Count(item => item.Part != CatalogPart.Test && (dataset.Labels.Count > 0 || item.Kind == Catalog.Good));
                test += catalog.Items.Count(item => item.Part == CatalogPart.Test);
                kinds.UnionWith(catalog.Classes);
            }

            string[] names = [.. classes.OfType<string>()];
            string[] missing = dataset.Layout == DatasetLayout.MvTec && dataset.Labels.Count > 0 ? [.. dataset.Labels.Except(kinds)] : [];
            if (missing.Length > 0) return new DatasetCheck(folder, names, train, test, $"the classes {string.Join(", ", missing)} are missing");
            string? problem = dataset.PublishedCounts is { } counts && (dataset.Labels.Count > 0 || dataset.IsCollection) && (train, test) != counts
                ? $"{train} training and {test} test images, the published data set has {counts.Train} and {counts.Test}"
                : Altered(dataset, folder);
            return new DatasetCheck(folder, names, train, test, problem);
        }
        catch (Exception exception) when (exception is DatasetException or InvalidDataException)
        {
            return new DatasetCheck(folder, [], 0, 0, exception.Message);
        }
    }

    /// <summary>The first file that is not the published one; packed files are compared by what is in them.</summary>
    private static string? Altered(PaperDataset dataset, string folder)
    {
        foreach ((string name, string published) in dataset.PublishedMd5)
        {
            string path = Path.Combine(folder, name);
            bool isPacked = !File.Exists(path);
            if (isPacked && !File.Exists(path + ".gz")) continue;
            using FileStream file = File.OpenRead(isPacked ? path + ".gz" : path);
            using Stream content = isPacked ? new GZipStream(file, CompressionMode.Decompress) : file;
#pragma warning disable CA5351 // MD5 is what was published; it finds damage, not malice.
            string found = Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351
            if (found != published) return $"{name} is not the published file: its MD5 is {found}, published is {published}";
        }

        return null;
    }
}
