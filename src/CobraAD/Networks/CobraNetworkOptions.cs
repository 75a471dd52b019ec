using CobraAD.Networks.Residual;
using CobraAD.Validation;

namespace CobraAD.Networks;

/// <summary>Shape of the network that COBRA trains: encoder, projection head and classifier.</summary>
public sealed record CobraNetworkOptions
{
    /// <summary>The encoder F.</summary>
    public ResNetOptions Encoder { get; init; } = new();

    /// <summary>Length of an embedding f(x) = G(F(x)).</summary>
    /// <value>Default 128; from 2 to 8192.</value>
    public int EmbeddingSize { get; init; } = 128;

    /// <summary>Classes of the linear head H.</summary>
    /// <value>Default 2 (normal, pseudo-anomaly); from 2 to 64.</value>
    public int Classes { get; init; } = 2;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        Encoder.Validate();
        OptionCheck.Require(EmbeddingSize, 2, 8192);
        OptionCheck.Require(Classes, 2, 64);
    }
}
