using CobraAD.Imaging;

namespace CobraAD.Datasets.Formats;

/// <summary>
/// Every arrangement of files that can be read, in the order in which a folder is tried for them. To add one, write a catalog beside this
/// file, a member of <see cref="DatasetLayout"/>, and a line here.
/// </summary>
internal static class DatasetFormats
{
    private static readonly IReadOnlyList<Format> All =
    [
        new(DatasetLayout.Idx, folder => IdxCatalog.IsIn(folder.Path), folder => IdxCatalog.Open(folder.Path, folder.Name, folder.Limits)),
        new(DatasetLayout.Cifar10, folder => CifarCatalog.HasCifar10(folder.Path), folder => CifarCatalog.OpenCifar10(folder.Path, folder.Name, folder.Limits)),
        new(
            DatasetLayout.Cifar100, folder => CifarCatalog.HasCifar100(folder.Path),
            folder => CifarCatalog.OpenCifar100(folder.Path, folder.Name, folder.Options.FineLabels, folder.Options.CsiSuperClasses, folder.Limits)),
        new(DatasetLayout.Svhn, folder => SvhnCatalog.IsIn(folder.Path), folder => SvhnCatalog.Open(folder.Path, folder.Name, folder.Limits)),
        new(DatasetLayout.Visa, folder => VisaCatalog.IsIn(folder.Path), folder => VisaCatalog.Open(folder.Path, folder.Name)),
        new(DatasetLayout.Dagm, folder => DagmCatalog.IsIn(folder.Path), folder => DagmCatalog.Open(folder.Path, folder.Name)),
        new(DatasetLayout.Isic2018, folder => IsicCatalog.IsIn(folder.Path), folder => IsicCatalog.Open(folder.Path, folder.Name)),
        new(
            DatasetLayout.Cityscapes, folder => CityscapesCatalog.IsIn(folder.Path),
            folder => CityscapesCatalog.Open(folder.Path, folder.Name, new ImageReader { MaxPixels = folder.Options.MaxPixels })),
        new(DatasetLayout.MvTec, folder => FolderCatalog.LooksLikeMvTec(folder.Path), folder => FolderCatalog.OpenMvTec(folder.Path, folder.Name, folder.GoodIsNeeded)),
        new(
            DatasetLayout.ClassFolders, folder => FolderCatalog.HasGood(folder.Path) || folder.Options.NormalClass is not null,
            folder => FolderCatalog.OpenClasses(folder.Path, folder.Name)),
        new(DatasetLayout.Images, _ => true, folder => FolderCatalog.OpenImages(folder.Path, folder.Name)),
    ];

    /// <summary>Lists what a folder holds, as the layout in the options says, or as the first that it fits.</summary>
    /// <param name="path">The data set's folder.</param>
    /// <param name="options">What to read.</param>
    /// <param name="goodIsNeeded">Whether the data set must have images that are called good.</param>
    /// <exception cref="DatasetException">The folder is missing, unreadable, damaged or of another layout.</exception>
    public static Catalog Open(string path, DatasetOptions options, bool goodIsNeeded)
    {
        if (!Directory.Exists(path)) throw new DatasetException(File.Exists(path) ? $"'{path}' is a file; give the folder of the data set." : $"'{path}' does not exist.");
        // Without its last separator a path ends in the folder's own name.
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        Folder folder = new(path, name, options, goodIsNeeded);
        try
        {
            Catalog catalog = All.First(format => options.Layout == DatasetLayout.Auto ? format.IsIn(folder) : format.Layout == options.Layout).Open(folder);
            return options.SkipUnreadable || catalog.Omitted.FirstOrDefault(entry => entry.IsUnreadable) is not { } unreadable
                ? catalog
                : throw new DatasetException($"'{unreadable.Path}': {unreadable.Reason} Make it readable, or skip what is unreadable (SkipUnreadable).");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    private sealed record Format(DatasetLayout Layout, Func<Folder, bool> IsIn, Func<Folder, Catalog> Open);

    private sealed record Folder(string Path, string Name, DatasetOptions Options, bool GoodIsNeeded)
    {
        public CatalogLimits Limits => CatalogLimits.Of(Options);
    }
}
