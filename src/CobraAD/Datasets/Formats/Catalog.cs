using CobraAD.Imaging;

namespace CobraAD.Datasets.Formats;

/// <summary>What a data set consists of, before any protocol is applied to it.</summary>
/// <param name="Name">The data set's name.</param>
/// <param name="Layout">How its files are arranged; never <see cref="DatasetLayout.Auto"/>.</param>
/// <param name="Items">Every image, in a fixed order.</param>
/// <param name="Classes">The names of the classes; labelled data sets list them by label.</param>
internal sealed record Catalog(string Name, DatasetLayout Layout, IReadOnlyList<CatalogItem> Items, IReadOnlyList<string> Classes)
{
    /// <summary>What looks like a part of the data set but is none; said wherever images are counted.</summary>
    public IReadOnlyList<OmittedEntry> Omitted { get; init; } = [];

    /// <summary>The name of the folder or class that holds flawless images.</summary>
    public const string Good = "good";

    /// <summary>The name of a labelled class that has none of its own.</summary>
    public static string ClassName(int label) => $"class {label}";

    /// <summary>The class that the user means by a name or a label's number.</summary>
    public string FindClass(string nameOrNumber)
    {
        if (Classes.Contains(nameOrNumber)) return nameOrNumber;
        bool labelled = Layout is DatasetLayout.Idx or DatasetLayout.Cifar10 or DatasetLayout.Cifar100 or DatasetLayout.Svhn;
        if (labelled && int.TryParse(nameOrNumber, out int label) && label >= 0 && label < Classes.Count) return Classes[label];
        throw new DatasetException($"'{Name}' has no class '{nameOrNumber}'. Its classes are: {string.Join(", ", Classes)}.");
    }
}
