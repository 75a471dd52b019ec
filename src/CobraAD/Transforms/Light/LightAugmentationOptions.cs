using CobraAD.Validation;

namespace CobraAD.Transforms.Light;

/// <summary>Strengths and probabilities of the light transforms (decisions D21 and D22: the paper gives none but the crop's size).</summary>
public sealed record LightAugmentationOptions
{
    /// <summary>Probability of a horizontal flip.</summary>
    /// <value>0.5 by default; 0 for objects whose handedness matters.</value>
    public double FlipProbability { get; init; } = 0.5;

    /// <summary>Probability of colour jitter.</summary>
    /// <value>0.8 by default.</value>
    public double JitterProbability { get; init; } = 0.8;

    /// <summary>Contrast is multiplied by U(1 - c, 1 + c).</summary>
    /// <value>0.4 by default, 0 to 1.</value>
    public double Contrast { get; init; } = 0.4;

    /// <summary>Saturation is multiplied by U(1 - s, 1 + s).</summary>
    /// <value>0.4 by default, 0 to 1.</value>
    public double Saturation { get; init; } = 0.4;

    /// <summary>Brightness (the value of HSV) is multiplied by U(1 - b, 1 + b).</summary>
    /// <value>0.4 by default, 0 to 1.</value>
    public double Brightness { get; init; } = 0.4;

    /// <summary>Hue is shifted by U(-h, h) · 255/360 of a turn; the factor is the released code's.</summary>
    /// <value>0.1 by default, 0 to 0.5.</value>
    public double Hue { get; init; } = 0.1;

    /// <summary>Probability of grayscale.</summary>
    /// <value>0.2 by default.</value>
    public double GrayscaleProbability { get; init; } = 0.2;

    /// <summary>Smallest area of the random crop as a fraction of the image; 1 switches the crop off.</summary>
    /// <value>0.8 by default (the paper's 80-100 %), 0.01 to 1.</value>
    public double MinCropArea { get; init; } = 0.8;

    /// <summary>Largest aspect of the crop; the smallest is its inverse.</summary>
    /// <value>4/3 by default, 1 to 4.</value>
    public double MaxCropAspect { get; init; } = 4.0 / 3;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(FlipProbability, 0, 1);
        OptionCheck.Require(JitterProbability, 0, 1);
        OptionCheck.Require(Contrast, 0, 1);
        OptionCheck.Require(Saturation, 0, 1);
        OptionCheck.Require(Brightness, 0, 1);
        OptionCheck.Require(Hue, 0, 0.5);
        OptionCheck.Require(GrayscaleProbability, 0, 1);
        OptionCheck.Require(MinCropArea, 0.01, 1);
        OptionCheck.Require(MaxCropAspect, 1, 4);
    }
}
