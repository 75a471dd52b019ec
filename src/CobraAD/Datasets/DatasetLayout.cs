namespace CobraAD.Datasets;

/// <summary>How the files of a data set are arranged.</summary>
public enum DatasetLayout
{
    /// <summary>
    /// Told by what is in the folder, in this order: IDX files, CIFAR files, the files of SVHN, VisA, DAGM, ISIC 2018 and Cityscapes, a "train" or "test" folder (<see cref="MvTec"/>), a "good"
    /// folder or a chosen normal class (<see cref="ClassFolders"/>), else <see cref="Images"/>.
    /// </summary>
    Auto,

    /// <summary>A folder of good images, at any depth.</summary>
    Images,

    /// <summary>One folder for each class; a folder named "good" is the normal class unless another is chosen.</summary>
    ClassFolders,

    /// <summary>train/good, test/good, test/DEFECT and, where there are masks, ground_truth/DEFECT, as MVTec AD is arranged.</summary>
    MvTec,

    /// <summary>IDX files of images and labels, plain or gzipped, named as MNIST names them (train-images-idx3-ubyte.gz, …).</summary>
    Idx,

    /// <summary>CIFAR-10's binary version: data_batch_*.bin and test_batch.bin.</summary>
    Cifar10,

    /// <summary>CIFAR-100's binary version: train.bin and test.bin.</summary>
    Cifar100,

    /// <summary>Street View House Numbers, format 2: train_32x32.mat and test_32x32.mat.</summary>
    Svhn,

    /// <summary>One object of VisA, with ../split_csv/1cls.csv.</summary>
    Visa,

    /// <summary>One class of DAGM 2007: Train and Test, each with a folder Label.</summary>
    Dagm,

    /// <summary>ISIC 2018 task 3: ISIC2018_Task3_PART_Input and ISIC2018_Task3_PART_GroundTruth; naevi are normal.</summary>
    Isic2018,

    /// <summary>Cityscapes (leftImg8bit and gtFine), cut into patches of 256 pixels.</summary>
    Cityscapes,
}
