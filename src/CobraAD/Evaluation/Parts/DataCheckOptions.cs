using CobraAD.Datasets;
using CobraAD.Networks.Backbones;
using CobraAD.Validation;

namespace CobraAD.Evaluation.Parts;

/// <summary>What <see cref="DataCheck"/> looks at, and how sure it is to be before it speaks.</summary>
public sealed record DataCheckOptions
{
    /// <summary>What counts as normal, and how images are read. Unreadable ones are always listed, and nothing is put aside for a test.</summary>
    public DatasetOptions Data { get; init; } = new();

    /// <summary>
    /// The chance that any image of a flawless set is called an outlier, for each of the four measures (features, brightness, clipping, sharpness). It
    /// holds however many images there are, where the measure's tail falls off exponentially or faster.
    /// </summary>
    /// <value>Default 0.05, in (0, 0.5].</value>
    public double FalseAlarmRate { get; init; } = 0.05;

    /// <summary>The network whose features tell which images are unlike the others.</summary>
    /// <value>Default <see langword="null"/>: the ImageNet package's where it is installed, else pictures of 16 × 16 pixels themselves.</value>
    public BackboneOptions? Backbone { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        Data.Validate();
        OptionCheck.RequirePositive(FalseAlarmRate, 0.5);
        Backbone?.Validate();
    }
}
