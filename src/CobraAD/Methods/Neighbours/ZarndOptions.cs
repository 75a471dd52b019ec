using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;

namespace CobraAD.Methods.Neighbours;

/// <summary>ZARND (Mirzaei et al. 2024): distances between features of an adversarially trained network. Nothing is trained on the data.</summary>
public sealed record ZarndOptions : NeighbourOptions
{
    /// <summary>The defaults, with random weights: no package has adversarially trained ones.</summary>
    public ZarndOptions()
    {
        Backbone = BackboneOptions.ImageNet(ResNetVariant.ResNet18);
    }
}
