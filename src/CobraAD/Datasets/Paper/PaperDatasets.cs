namespace CobraAD.Datasets.Paper;

/// <summary>The data sets of the paper's experiments.</summary>
public static class PaperDatasets
{
    private static readonly string[] Digits = [.. Enumerable.Range(0, 10).Select(label => label.ToString(System.Globalization.CultureInfo.InvariantCulture))];

    private static readonly string[] SuperClasses = [.. Enumerable.Range(0, 20).Select(label => label.ToString(System.Globalization.CultureInfo.InvariantCulture))];

    private static readonly string[] ImageNet30 =
    [
        "acorn", "airliner", "ambulance", "american_alligator", "banjo", "barn", "bikini", "digital_clock", "dragonfly", "dumbbell", "forklift", "goblet", "grand_piano",
        "hotdog", "hourglass", "manhole_cover", "mosque", "nail", "parking_meter", "pillow", "revolver", "rotary_dial_telephone", "schooner", "snowmobile", "soccer_ball",
        "stingray", "strawberry", "tank", "toaster", "volcano",
    ];

    /// <summary>All of them, in the order of the paper's Table 2 after MVTec AD.</summary>
    public static IReadOnlyList<PaperDataset> All { get; } =
    [
        new("mvtec", "MVTec AD", DatasetLayout.MvTec, 224, "https://www.mvtec.com/company/research/datasets/mvtec-ad", "CC BY-NC-SA 4.0", "CATEGORY/train/good, CATEGORY/test/good, CATEGORY/test/DEFECT")
        {
            FolderNames = ["mvtec_ad", "mvtec_ad_256", "mvtec_anomaly_detection"], PaperNames = ["MVTecAD"], IsCollection = true, PublishedCounts = (3629, 1725),
        },
        new("cifar10", "CIFAR-10", DatasetLayout.Cifar10, 32, "https://www.cs.toronto.edu/~kriz/cifar.html (binary version)", "none stated", "data_batch_1.bin to data_batch_5.bin, test_batch.bin")
        {
            FolderNames = ["cifar-10-batches-bin", "cifar-10"], PaperNames = ["CIFAR10"], Labels = Digits, PublishedCounts = (50000, 10000),
        },
        new("cifar100", "CIFAR-100, its 20 super-classes", DatasetLayout.Cifar100, 32, "https://www.cs.toronto.edu/~kriz/cifar.html (binary version)", "none stated", "train.bin, test.bin")
        {
            FolderNames = ["cifar-100-binary", "cifar-100"], PaperNames = ["CIFAR100"], Labels = SuperClasses, PublishedCounts = (50000, 10000),
        },
        new("cifar100-csi", "CIFAR-100, the 20 super-classes of CSI's code", DatasetLayout.Cifar100, 32, "https://www.cs.toronto.edu/~kriz/cifar.html (binary version)", "none stated", "train.bin, test.bin")
        {
            FolderNames = ["cifar100", "cifar-100-binary", "cifar-100"], PaperNames = ["CIFAR100"], Labels = SuperClasses, PublishedCounts = (50000, 10000), HasCsiSuperClasses = true,
        },
        new("mnist", "MNIST", DatasetLayout.Idx, 32, "https://ossci-datasets.s3.amazonaws.com/mnist (a mirror; http://yann.lecun.com/exdb/mnist no longer gives the files)", "CC BY-SA 3.0", "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each plain or .gz")
        {
            PaperNames = ["MNIST"],
            Labels = Digits,
            PublishedCounts = (60000, 10000),
            PublishedMd5 = new Dictionary<string, string>
            {
                ["train-images-idx3-ubyte"] = "6bbc9ace898e44ae57da46a324031adb",
                ["train-labels-idx1-ubyte"] = "a25bea736e30d166cdddb491f175f624",
                ["t10k-images-idx3-ubyte"] = "2646ac647ad5339dbf082846283269ea",
                ["t10k-labels-idx1-ubyte"] = "27ae3e4e09519cfbb04c329615203637",
            },
        },
        new("fmnist", "Fashion-MNIST", DatasetLayout.Idx, 32, "https://github.com/zalandoresearch/fashion-mnist", "MIT", "the same four files as MNIST")
        {
            FolderNames = ["fashion-mnist", "fashion_mnist", "FashionMNIST"], PaperNames = ["FMNIST"], Labels = Digits, PublishedCounts = (60000, 10000),
        },
        new("svhn", "SVHN, format 2", DatasetLayout.Svhn, 32, "http://ufldl.stanford.edu/housenumbers", "non-commercial use only", "train_32x32.mat, test_32x32.mat")
        {
            FolderNames = ["SVHN"],
            PaperNames = ["SVHN"],
            Labels = Digits,
            PublishedCounts = (73257, 26032),
            PublishedMd5 = new Dictionary<string, string>
            {
                ["train_32x32.mat"] = "e26dedcc434d2e4c54c9b2d4a06d8373",
                ["test_32x32.mat"] = "eb5a983be6a315427106f1b164d9cef3",
            },
        },
        new("imagenet30", "ImageNet-30", DatasetLayout.MvTec, 224, "https://github.com/hendrycks/ss-ood (its test images; the training images are those of the same classes in ImageNet)", "ImageNet terms of access", "train/CLASS and test/CLASS for each of the 30 classes")
        {
            FolderNames = ["ImageNet-30", "one_class_imagenet"], PaperNames = ["ImageNet", "ImageNet30"], Labels = ImageNet30, PublishedCounts = (39000, 3000),
        },
        new("visa", "VisA", DatasetLayout.Visa, 224, "https://github.com/amazon-science/spot-diff", "CC BY 4.0", "OBJECT/Data/Images/Normal and Anomaly, split_csv/1cls.csv")
        {
            FolderNames = ["VisA", "VisA_20220922"], PaperNames = ["VisA"], IsCollection = true, PublishedCounts = (8659, 2162),
        },
        new("cityscapes", "Cityscapes, patches of 256 pixels", DatasetLayout.Cityscapes, 224, "https://www.cityscapes-dataset.com", "terms of its own, see its license page", "leftImg8bit/{train,val} and gtFine/{train,val} with *_gtFine_labelIds.png")
        {
            FolderNames = ["Cityscapes"], PaperNames = ["CityScapes"],
        },
        new("dagm", "DAGM 2007", DatasetLayout.Dagm, 224, "https://hci.iwr.uni-heidelberg.de/content/weakly-supervised-learning-industrial-optical-inspection", "none stated", "CLASS/Train, CLASS/Test, each with Label/*_label.*")
        {
            FolderNames = ["DAGM", "DAGM2007", "DAGM_KaggleUpload"], PaperNames = ["DAGM"], IsCollection = true,
        },
        new("isic2018", "ISIC 2018, task 3", DatasetLayout.Isic2018, 224, "https://challenge.isic-archive.com/data/#2018", "CC BY-NC 4.0", "ISIC2018_Task3_Training_Input, ISIC2018_Task3_Training_GroundTruth, and the same two of Test where there are any")
        {
            FolderNames = ["ISIC2018", "isic"], PaperNames = ["ISIC2018"],
        },
    ];

    /// <summary>The data set with a key.</summary>
    /// <param name="key">Its <see cref="PaperDataset.Key"/>.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static PaperDataset Get(string key) => All.FirstOrDefault(dataset => dataset.Key == key)
        ?? throw new ArgumentException($"There is no data set '{key}'. Data sets are {string.Join(", ", All.Select(dataset => dataset.Key))}.", nameof(key));

    /// <summary>
    /// The data set that the paper's tables call so, or <see langword="null"/> when it cannot be read. Where two readings have the name, the one
    /// among the chosen keys, else the first.
    /// </summary>
    internal static PaperDataset? Named(string paperName, IReadOnlyList<string> chosen)
    {
        PaperDataset[] readings = [.. All.Where(dataset => dataset.PaperNames.Contains(paperName))];
        return readings.FirstOrDefault(dataset => chosen.Contains(dataset.Key)) ?? readings.FirstOrDefault();
    }
}
