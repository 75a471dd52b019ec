using System.Text.Json.Serialization;
using CobraAD.Networks.Residual;
using CobraAD.Validation;

namespace CobraAD.Networks;

/// <summary>Shape of the network that COBRA trains: encoder, projection head and classifier.</summary>
public sealed record CobraNetworkOptions
{
    /// <summary>The encoder F.</summary>
    public ResNetOptions Encoder { get; init; } = new();

    /// <summary>Length of an embedding f(x) = G(F(x)) of one encoder.</summary>
    /// <value>Default 128; from 2 to 8192.</value>
    public int EmbeddingSize { get; init; } = 128;

    /// <summary>
    /// How many encoders with projection heads of their own stand side by side, trained on the same batches: an ensemble in one network. An embedding is
    /// their directions one after the other, so a cosine is the mean of theirs. Beyond the paper.
    /// </summary>
    /// <value>Default <see langword="null"/>: one, or what a plan by time decides. Otherwise from 1 to 64.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Members { get; init; }

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
        OptionCheck.Require(Members, Members is null or (>= 1 and <= 64), "absent (one) or between 1 and 64");
    }

    /// <summary>The same with half as many channels; <see langword="null"/> where there is one only.</summary>
    internal CobraNetworkOptions? HalfWidth() => Encoder.BaseWidth > 1 ? this with { Encoder = Encoder with { WidthFactor = Encoder.WidthFactor / 2 } } : null;

    /// <summary>Refuses networks side by side.</summary>
    /// <param name="reason">Why there can be one only.</param>
    internal void RequireSingle(string reason) => OptionCheck.Require(Members, Members is null or 1, $"absent: {reason}");
}
