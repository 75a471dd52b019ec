namespace CobraAD.Networks.Residual;

/// <summary>The residual networks of He et al. (2016), with the widened form of Zagoruyko and Komodakis (2016).</summary>
public enum ResNetVariant
{
    /// <summary>18 layers of basic blocks; what the COBRA paper trains.</summary>
    ResNet18,

    /// <summary>34 layers of basic blocks.</summary>
    ResNet34,

    /// <summary>50 layers of bottleneck blocks.</summary>
    ResNet50,

    /// <summary>101 layers of bottleneck blocks.</summary>
    ResNet101,

    /// <summary>152 layers of bottleneck blocks.</summary>
    ResNet152,

    /// <summary>50 layers whose bottlenecks are twice as wide inside.</summary>
    WideResNet50x2,

    /// <summary>20 layers of basic blocks, with three in the last stage: what ML.NET calls its ResNet-18.</summary>
    ResNet20,
}
