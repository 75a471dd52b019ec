namespace CobraAD.Evaluation.Localization;

/// <summary>How well a detector's map finds the defects within images, untouched ones or attacked.</summary>
/// <param name="PixelAuroc">P(a defect's pixel has a larger value than another pixel) + ½·P(tie), over the pixels of all images.</param>
/// <param name="Aupro">
/// Area under the per-region overlap up to 30 % false positive pixels, divided by 0.3 (Bergmann et al. 2020): every connected region of a mask
/// counts alike, however large.
/// </param>
/// <param name="Images">Images that were looked at: normal ones, and anomalous ones with a mask.</param>
/// <param name="WithoutMask">Anomalous images that have no mask, or one that vanishes at this size, and were left out.</param>
/// <param name="Regions">Connected regions of all masks.</param>
public sealed record LocalizationResult(double PixelAuroc, double Aupro, int Images, int WithoutMask, int Regions)
{
    /// <summary>The largest F1 of the pixels over all thresholds.</summary>
    public double PixelF1 { get; init; }

    /// <summary>
    /// The same on the images that the evaluation's attacks made worst for the score: whether the map still points to the defect.
    /// <see langword="null"/> where nothing was attacked.
    /// </summary>
    public LocalizationResult? UnderAttack { get; init; }
}
