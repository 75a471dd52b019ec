namespace CobraAD.Networks.Backbones;

/// <summary>Weights that come in a package of their own.</summary>
public enum PackagedWeights
{
    /// <summary>ML.NET's ResNet-18, trained on ImageNet: <see cref="ImageNetPackage"/>.</summary>
    ImageNet,
}
