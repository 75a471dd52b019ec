using CobraAD.Networks.Residual;

namespace CobraAD.Networks;

/// <summary>Shape of a <see cref="CobraNetwork"/>.</summary>
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
        if (EmbeddingSize is < 2 or > 8192) throw new ArgumentOutOfRangeException(nameof(EmbeddingSize), EmbeddingSize, "EmbeddingSize must be between 2 and 8192.");
        if (Classes is < 2 or > 64) throw new ArgumentOutOfRangeException(nameof(Classes), Classes, "Classes must be between 2 and 64.");
    }
}
