namespace CobraAD.Reporting;

/// <summary>A test image on which the attack did the most harm.</summary>
public sealed record HardImage
{
    /// <summary>Where the image came from.</summary>
    public required string Source { get; init; }

    /// <summary>Its label.</summary>
    public required bool IsAnomalous { get; init; }

    /// <summary>Its kind, e.g. "good" or "scratch".</summary>
    public string Kind { get; init; } = "";

    /// <summary>Score of the untouched image.</summary>
    public required double CleanScore { get; init; }

    /// <summary>Score after the attack.</summary>
    public required double AttackedScore { get; init; }

    /// <summary>The attack that found this point.</summary>
    public string Attack { get; init; } = "";

    /// <summary>The size of the perturbation in the threat model's norm.</summary>
    public required double PerturbationNorm { get; init; }

    /// <summary>The untouched image.</summary>
    public required ReportImage Clean { get; init; }

    /// <summary>The attacked image.</summary>
    public required ReportImage Attacked { get; init; }

    /// <summary>The difference, magnified around mid-grey.</summary>
    public required ReportImage Perturbation { get; init; }

    /// <summary>How many times the difference was magnified.</summary>
    public required double Magnification { get; init; }
}
