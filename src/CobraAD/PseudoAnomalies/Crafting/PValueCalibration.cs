namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>Which images' likelihoods a candidate is compared with (decision "held-out p-values").</summary>
public enum PValueCalibration
{
    /// <summary><see cref="Split"/> from 200 images on, <see cref="CrossFit"/> below.</summary>
    Automatic,

    /// <summary>
    /// The very images that the mixture was fitted on, as the paper says. With few rows per dimension every unseen normal image then
    /// looks unlikely and the filter rejects nothing.
    /// </summary>
    InSample,

    /// <summary>A fifth of the images, which neither the classifier nor the mixture has seen.</summary>
    Split,

    /// <summary>All images, each scored by a mixture that was fitted without its fold; candidates by one that was fitted on all.</summary>
    CrossFit,
}
