using CobraAD.Imaging;
using CobraAD.Validation;

namespace CobraAD.Datasets;

/// <summary>Which part of a data set is read, at what size, and what counts as normal.</summary>
public sealed record DatasetOptions
{
    /// <summary>The fewest images a detector can be trained on.</summary>
    public const int FewestTrainingImages = 8;

    /// <summary>Decoded bytes of a data set up to which it is held in memory unless <see cref="MemoryLimit"/> says otherwise: 1 GiB.</summary>
    public const long MostBytesInMemory = 1L << 30;

    /// <summary>
    /// How pictures become images of that size: which part of them, in which shape, with which depth and colours. A model's own
    /// (<c>Card.Data.SettledFraming</c>) goes with every data set on which it is measured.
    /// </summary>
    /// <value>Default: the whole picture, stretched; of training images of 16 bits the window of samples that they use.</value>
    public Framing Framing { get; init; } = new();

    /// <summary>Side in pixels to which every image is resized, by a triangle filter.</summary>
    /// <value>
    /// Default <see langword="null"/>: 32 when the longer side of the first training image is at most 32 pixels (so MNIST's 28 become
    /// 32), 64 when it is at most 64, else 224. A given value lies between 8 and 4096.
    /// </value>
    public int? ImageSize { get; init; }

    /// <summary>How the files are arranged.</summary>
    /// <value>Default <see cref="DatasetLayout.Auto"/>.</value>
    public DatasetLayout Layout { get; init; } = DatasetLayout.Auto;

    /// <summary>The class that is normal (the one-class protocol): a folder's name, or a label's number or name.</summary>
    /// <value>Default <see langword="null"/>: the class "good" where there is one, else, with an <see cref="AnomalyData"/>, all classes.</value>
    public string? NormalClass { get; init; }

    /// <summary>
    /// A second data set whose images are the anomalies (the unlabelled multi-class protocol): its test images where it has a test
    /// part, else all. Its layout is always told from its content.
    /// </summary>
    /// <value>Default <see langword="null"/>: the anomalies are the other classes of the data set itself.</value>
    public string? AnomalyData { get; init; }

    /// <summary>Whether CIFAR-100 is taken with its 100 fine classes instead of its 20 super-classes.</summary>
    /// <value>Default <see langword="false"/>: the 20 super-classes, as the paper does.</value>
    public bool FineLabels { get; init; }

    /// <summary>
    /// Whether CIFAR-100's super-classes are those of CSI's code, in which fifteen fine classes lie in another super-class than their makers put
    /// them. Published one-class numbers are mostly of that list.
    /// </summary>
    /// <value>Default <see langword="false"/>: the files' own.</value>
    public bool CsiSuperClasses { get; init; }

    /// <summary>
    /// Where a data set has no normal test images: the part of its normal images that is put aside for the test, at random. At least
    /// <see cref="FewestTrainingImages"/> always stay for training.
    /// </summary>
    /// <value>Default 0.2; 0 to 0.9.</value>
    public double TestFraction { get; init; } = 0.2;

    /// <summary>At most this many training images, drawn at random and evenly over the classes.</summary>
    /// <value>Default <see langword="null"/>: all. A given value is at least <see cref="FewestTrainingImages"/>.</value>
    public int? MaxTrain { get; init; }

    /// <summary>
    /// At most this many test images, drawn at random: half of them normal and half anomalous, each half evenly over its kinds. What
    /// one part cannot fill, the others do.
    /// </summary>
    /// <value>Default <see langword="null"/>: all. A given value is at least 2.</value>
    public int? MaxTest { get; init; }

    /// <summary>Fixes every random choice of images.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>
    /// Fixes which normal images a data set without normal test images puts aside for the test. The split belongs to the model: whoever measures a
    /// detector gives the seed that it was trained with (<c>Card.Options.Seed</c>), or its own training images are among the test images.
    /// </summary>
    /// <value>Default <see langword="null"/>: <see cref="Seed"/>.</value>
    public long? SplitSeed { get; init; }

    /// <summary>Whether an unreadable image is left out and listed in <see cref="AnomalyBenchmark.Skipped"/> instead of stopping.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool SkipUnreadable { get; init; }

    /// <summary>
    /// Bytes of memory that the decoded images may take; where they are more, they are in a file. What is computed of them does not depend on that.
    /// </summary>
    /// <value>Default <see langword="null"/>: <see cref="MostBytesInMemory"/>, or what the machine or container has free if that is less. A given value is at least 1.</value>
    public long? MemoryLimit { get; init; }

    /// <summary>
    /// Folder where files of decoded images stay, so that the same images are decoded once: a later run with the same images (names, sizes and times of
    /// their files) at the same size finds them there, and one with other images makes its file anew.
    /// </summary>
    /// <value>
    /// Default <see langword="null"/>: none stays. Images that need a file by <see cref="MemoryLimit"/> get one in TMPDIR, else in /var/tmp, which is gone
    /// when the process ends.
    /// </value>
    public string? CacheFolder { get; init; }

    /// <summary>Images that claim more pixels are refused before they are decoded: a small file can claim a huge image.</summary>
    /// <value>Default 100 million; 1 to 500 million.</value>
    public long MaxPixels { get; init; } = ImageReader.DefaultMaxPixels;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(ImageSize, 8, 4096);
        ArgumentNullException.ThrowIfNull(Framing);
        Framing.Validate();
        OptionCheck.RequireDefined(Layout);
        OptionCheck.Require(NormalClass, NormalClass is not "", "the name or number of a class");
        OptionCheck.Require(AnomalyData, AnomalyData is not "", "the path of a data set");
        OptionCheck.Require(TestFraction, 0, 0.9);
        OptionCheck.RequireAtLeast(MaxTrain, FewestTrainingImages);
        OptionCheck.RequireAtLeast(MaxTest, 2);
        OptionCheck.RequireAtLeast(MemoryLimit, 1);
        OptionCheck.Require(CacheFolder, CacheFolder is not "", "the path of a folder");
        OptionCheck.Require(MaxPixels, 1, ImageReader.LargestMaxPixels);
    }
}
