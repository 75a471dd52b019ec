using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.PseudoAnomalies.Generative.Diffusion;
using CobraAD.PseudoAnomalies.Generative.Gan;
using CobraAD.PseudoAnomalies.Sources;
using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using CobraAD.Validation;

namespace CobraAD.PseudoAnomalies;

/// <summary>
/// How pseudo-anomalies are made: by COBRA's own source (paper, section 3.1 and appendix D; decisions D13 to D18), or, in the last three
/// options, by the sources of Table 5 that have options of their own.
/// </summary>
public sealed record PseudoAnomalyOptions
{
    /// <summary>Names of the hard transforms T.</summary>
    /// <value>The paper's twelve by default; at least two. "defect" is ours: small spots and scratches.</value>
    public IReadOnlyList<string> Transforms { get; init; } = [.. HardTransforms.Paper.Select(transform => transform.Name)];

    /// <summary>Fewest transforms applied to an image.</summary>
    /// <value>2 by default.</value>
    public int MinTransforms { get; init; } = 2;

    /// <summary>Most transforms applied to an image; cut to one less than there are.</summary>
    /// <value>4 by default (decision "number of transforms"); 0 for one less than there are, the paper's bound.</value>
    public int MaxTransforms { get; init; } = 4;

    /// <summary>
    /// Whether each of them is drawn as often as the filter's p-values notice it on good images when it is applied alone, and not all equally often: a round
    /// bottle that was turned is a good bottle, and teaches nothing but a wrong border. Needs the <see cref="Filter"/>. Beyond the paper.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AdaptiveMix { get; init; }

    /// <summary>Mixup's α.</summary>
    /// <value>0.1 by default, 0.01 to 100. At 0.1 most results lie near one of the two images, which the filter has to reject; a larger α blends more.</value>
    public double MixupAlpha { get; init; } = 0.1;

    /// <summary>Whether candidates that look normal are rejected.</summary>
    /// <value><see langword="true"/> by default; without the filter no classifier is trained (paper, Table 12).</value>
    public bool Filter { get; init; } = true;

    /// <summary>A candidate is an anomaly when its p-value is at most this.</summary>
    /// <value>0.05 by default (paper, appendix D and Table 7).</value>
    public double Significance { get; init; } = 0.05;

    /// <summary>Candidates drawn for an image before the least likely of them is taken.</summary>
    /// <value>50 by default, 1 to 10000.</value>
    public int MaxTries { get; init; } = 50;

    /// <summary>Which images' likelihoods a candidate is compared with.</summary>
    /// <value><see cref="PValueCalibration.Automatic"/> by default.</value>
    public PValueCalibration Calibration { get; init; } = PValueCalibration.Automatic;

    /// <summary>Share of the normal images kept from classifier, mixture and reference, to check that about <see cref="Significance"/> of them look anomalous.</summary>
    /// <value>0.1 by default, 0 (no check) to 0.5.</value>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>The mixture of the normal images' embeddings.</summary>
    /// <value>One component with a full covariance by default.</value>
    public GaussianMixtureOptions Mixture { get; init; } = new();

    /// <summary>The transformation classifier C.</summary>
    /// <value>The paper's by default.</value>
    public TransformationClassifierOptions Classifier { get; init; } = new();

    /// <summary>The source "vos".</summary>
    public VirtualOutlierOptions VirtualOutliers { get; init; } = new();

    /// <summary>The source "goe-small".</summary>
    public GanOptions Gan { get; init; } = new();

    /// <summary>The source "fitymi-small".</summary>
    public DiffusionOptions Diffusion { get; init; } = new();

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or the mix needs the filter that is off.</exception>
    /// <exception cref="ArgumentException">A transform's name is unknown.</exception>
    public void Validate()
    {
        int count = HardTransforms.Named(Transforms).Count;
        OptionCheck.RequireList(Transforms, count >= 2, "the names of at least 2 different hard transforms");
        OptionCheck.Require(MinTransforms, 1, count - 1);
        OptionCheck.Require(MaxTransforms, MaxTransforms == 0 || MaxTransforms >= MinTransforms, $"at least MinTransforms, {MinTransforms}, or 0");
        OptionCheck.Require(AdaptiveMix, !AdaptiveMix || Filter, "false without the filter, whose p-values the mix is made by");
        OptionCheck.Require(MixupAlpha, 0.01, 100);
        OptionCheck.Require(Significance, 0, 1);
        OptionCheck.Require(MaxTries, 1, 10000);
        OptionCheck.Require(ValidationShare, 0, 0.5);
        Mixture.Validate();
        Classifier.Validate();
        VirtualOutliers.Validate();
        Gan.Validate();
        Diffusion.Validate();
    }

    /// <summary>The transforms in the order of <see cref="HardTransforms.All"/>, with the options given here.</summary>
    /// <param name="areGrey">Whether all normal images are grey, so that no transform may give them colour.</param>
    internal IReadOnlyList<IImageTransform> CreateTransforms(bool areGrey)
    {
        return [.. HardTransforms.Named(Transforms).Select(transform => transform is Mixup mixup ? mixup with { Alpha = MixupAlpha } : Tied(transform))];

        // Two grey images blend to a grey one.
        IImageTransform Tied(IImageTransform transform) => areGrey && transform is not IMixingTransform ? new TiedChannels(transform) : transform;
    }
}
