namespace CobraAD.Datasets;

/// <summary>How the files of a data set are arranged.</summary>
public enum DatasetLayout
{
    /// <summary>
    /// Told by what is in the folder, in this order: IDX files, CIFAR files, a "train" or "test" folder (<see cref="MvTec"/>), a "good"
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
}
