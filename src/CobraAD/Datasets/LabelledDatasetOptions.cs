using CobraAD.Imaging;
using CobraAD.Validation;

namespace CobraAD.Datasets;

/// <summary>Which part of a labelled data set is read, and at what size.</summary>
public sealed record LabelledDatasetOptions
{
    /// <summary>Side in pixels to which every image is resized; see <see cref="DatasetOptions.ImageSize"/>.</summary>
    /// <value>Default <see langword="null"/>: 32, 64 or 224, whichever holds the first image. A given value lies between 8 and 4096.</value>
    public int? ImageSize { get; init; }

    /// <summary>How the files are arranged.</summary>
    /// <value>Default <see cref="DatasetLayout.Auto"/>; a folder that is nothing else is taken as one folder for each class.</value>
    public DatasetLayout Layout { get; init; } = DatasetLayout.Auto;

    /// <summary>Classes that are left out altogether, by name or number: those that a detector will be evaluated on.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<string> ExcludedClasses { get; init; } = [];

    /// <summary>Whether CIFAR-100 is taken with its 100 fine classes instead of its 20 super-classes.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool FineLabels { get; init; } = true;

    /// <summary>Where a data set has no test part: the part of each class that is held out, at random.</summary>
    /// <value>Default 0.1; from 0 (nothing is held out) to 0.5.</value>
    public double HeldOutShare { get; init; } = 0.1;

    /// <summary>At most this many training images, drawn at random and evenly over the classes.</summary>
    /// <value>Default <see langword="null"/>: all. A given value is at least <see cref="DatasetOptions.FewestTrainingImages"/>.</value>
    public int? MaxTrain { get; init; }

    /// <summary>At most this many held-out images, drawn in the same way.</summary>
    /// <value>Default 1000, at least 1.</value>
    public int MaxHeldOut { get; init; } = 1000;

    /// <summary>Fixes every random choice of images.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>Whether an unreadable image is left out and listed in <see cref="LabelledImages.Skipped"/> instead of stopping.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool SkipUnreadable { get; init; }

    /// <inheritdoc cref="DatasetOptions.MemoryLimit"/>
    public long? MemoryLimit { get; init; }

    /// <inheritdoc cref="DatasetOptions.CacheFolder"/>
    public string? CacheFolder { get; init; }

    /// <summary>Images that claim more pixels are refused before they are decoded: a small file can claim a huge image.</summary>
    /// <value>Default 100 million; 1 to 500 million.</value>
    public long MaxPixels { get; init; } = ImageReader.DefaultMaxPixels;

    /// <summary>What these options have in common with those of a benchmark.</summary>
    internal DatasetOptions Reading => new()
    {
        ImageSize = ImageSize,
        Layout = Layout,
        FineLabels = FineLabels,
        MaxTrain = MaxTrain,
        Seed = Seed,
        SkipUnreadable = SkipUnreadable,
        MemoryLimit = MemoryLimit,
        CacheFolder = CacheFolder,
        MaxPixels = MaxPixels,
    };

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        Reading.Validate();
        OptionCheck.RequireList(ExcludedClasses, !ExcludedClasses.Any(string.IsNullOrEmpty), "names or numbers of classes");
        OptionCheck.Require(HeldOutShare, 0, 0.5);
        OptionCheck.RequireAtLeast(MaxHeldOut, 1);
    }
}
