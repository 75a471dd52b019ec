namespace CobraAD.Experiments.Paper.Tables;

/// <summary>Selections of data sets that several tables share, as the paper names them.</summary>
internal static class PaperSets
{
    /// <summary>The sets of the main comparison.</summary>
    public static readonly string[] Ten = ["CIFAR10", "CIFAR100", "MNIST", "FMNIST", "SVHN", "ImageNet", "VisA", "CityScapes", "DAGM", "ISIC2018"];

    /// <summary>The sets of most ablations.</summary>
    public static readonly string[] Four = ["MVTecAD", "ImageNet", "CIFAR10", "FMNIST"];

    /// <summary>The sets of the growing radii and of all metrics.</summary>
    public static readonly string[] Seven = ["MVTecAD", "VisA", "ImageNet", "CityScapes", "ISIC2018", "CIFAR10", "FMNIST"];

    /// <summary>The sets of what is left out one thing at a time.</summary>
    public static readonly string[] Ablation = ["CIFAR10", "CIFAR100", "MNIST", "FMNIST", "SVHN", "ImageNet30", "MVTecAD", "VisA", "DAGM", "ISIC2018"];
}
