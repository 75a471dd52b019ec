namespace CobraAD.Networks.Residual;

/// <summary>How a network first looks at an image, which decides how much of its resolution the stages see.</summary>
public enum ResNetStem
{
    /// <summary>3×3 convolution with stride 1, no pooling: full resolution, for images of about 32 px.</summary>
    Cifar,

    /// <summary>3×3 convolution with stride 2, no pooling: a quarter of <see cref="Cifar"/>'s cost, for short runs on small images.</summary>
    Strided,

    /// <summary>7×7 convolution with stride 2 and 3×3 max-pooling with stride 2: a quarter of the resolution, for 64 px and more.</summary>
    ImageNet,
}
