using CobraAD.Networks.Residual;
using CobraAD.Validation;

namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>
/// Shape and training of the classifier C, which names the hard transform of an image. The paper gives the network and the epochs; the
/// rest is the decision "training of C".
/// </summary>
public sealed record TransformationClassifierOptions
{
    /// <summary>The network.</summary>
    /// <value>ResNet-18 at full width with the 3 × 3 stem by default.</value>
    public ResNetOptions Network { get; init; } = new();

    /// <summary>Passes over all transformed copies; each pass draws new ones.</summary>
    /// <value>100 by default, 1 to 100000.</value>
    public int Epochs { get; init; } = 100;

    /// <summary>Transformed images in a step.</summary>
    /// <value>128 by default, 2 to 65536.</value>
    public int BatchSize { get; init; } = 128;

    /// <summary>SGD's first learning rate; it falls to 0 along a half cosine.</summary>
    /// <value>0.1 by default.</value>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>SGD's momentum.</summary>
    /// <value>0.9 by default.</value>
    public double Momentum { get; init; } = 0.9;

    /// <summary>SGD's weight decay.</summary>
    /// <value>5e-4 by default.</value>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Whether the clean image is a class as well.</summary>
    /// <value><see langword="false"/> by default, as in the paper; with <see langword="true"/> normal images stand out (decision "training of C").</value>
    public bool IncludeIdentity { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        Network.Validate();
        OptionCheck.Require(Epochs, 1, 100000);
        OptionCheck.Require(BatchSize, 2, 65536);
        OptionCheck.Require(LearningRate, 0, 100);
        OptionCheck.Require(Momentum, 0, 1);
        OptionCheck.Require(WeightDecay, 0, 1);
    }
}
