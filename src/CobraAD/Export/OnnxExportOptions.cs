using CobraAD.Serialization.Archive;
using CobraAD.Validation;

namespace CobraAD.Export;

/// <summary>What an exported model takes, how it stores its weights, and what it says about itself.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>How weights are stored.</summary>
    /// <value>Default <see cref="OnnxPrecision.Full"/>.</value>
    public OnnxPrecision Precision { get; init; } = OnnxPrecision.Full;

    /// <summary>What the model takes as its images. CobraAD.Runtime runs <see cref="OnnxImageForm.Bytes"/>.</summary>
    /// <value>Default <see cref="OnnxImageForm.Bytes"/>.</value>
    public OnnxImageForm Images { get; init; } = OnnxImageForm.Bytes;

    /// <summary>SHA-256 (hex) of the <c>.cobra</c> file: <see cref="ModelArchive.Fingerprint"/>.</summary>
    /// <value>Default <see langword="null"/>: not known.</value>
    public string? ModelHash { get; init; }

    /// <summary>Licence of the training data.</summary>
    /// <value>Default <see langword="null"/>: not stated.</value>
    public string? DataLicence { get; init; }

    /// <summary>How far attacks move scores, from an evaluation.</summary>
    /// <value>Default <see langword="null"/>: not evaluated.</value>
    public RobustnessShift? Robustness { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.RequireDefined(Precision);
        OptionCheck.RequireDefined(Images);
    }
}
