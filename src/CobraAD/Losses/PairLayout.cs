using CobraAD.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>
/// Which row of a batch is what. Rows are view-major: row v·2b + i is view v of sample i; samples 0 … b-1 are normal and sample
/// b + i is the pseudo-anomaly made from sample i. Views 0 and 1 are light transforms, later ones adversarial.
/// </summary>
/// <param name="Pairs">b, the number of normal samples; at least 1.</param>
/// <param name="Views">V, from 2 to 4.</param>
internal sealed record PairLayout(int Pairs, int Views)
{
    /// <summary>Views made by light transforms; the others are adversarial.</summary>
    internal const int LightViews = 2;

    /// <summary>Whether every normal sample has a pseudo-anomaly. Without them samples are the normals alone, and none has an opposite.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool HasAnomalies { get; init; } = true;

    /// <summary>n = 2b, normals and pseudo-anomalies; b without pseudo-anomalies.</summary>
    public int Samples => HasAnomalies ? 2 * Pairs : Pairs;

    /// <summary>V · 2b rows.</summary>
    public int Rows => Views * Samples;

    /// <summary>How the row <paramref name="other"/> appears in the loss of the row <paramref name="anchor"/>.</summary>
    /// <param name="anchor">Row, from 0.</param>
    /// <param name="other">Row, from 0.</param>
    public PairKind this[int anchor, int other]
    {
        get
        {
            (int view, int sample) = Math.DivRem(anchor, Samples);
            (int otherView, int otherSample) = Math.DivRem(other, Samples);
            if (anchor == other) return PairKind.Self;
            if (sample == otherSample) return PairKind.Positive;
            if (view == otherView && view < LightViews && otherSample == (sample + Pairs) % Samples) return PairKind.Opposite;
            return sample < Pairs == otherSample < Pairs ? PairKind.SameGroup : PairKind.Negative;
        }
    }

    /// <summary>The class of each row, 0 normal and 1 pseudo-anomaly; the caller disposes it.</summary>
    /// <param name="device">Where the labels go; the CPU when <see langword="null"/>.</param>
    /// <returns>int64 [V·2b].</returns>
    public Tensor Labels(Device? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        return (Index(device) % Samples).ge(Pairs).to(ScalarType.Int64).MoveToOuterDisposeScope();
    }

    /// <summary>The rows of the same sample in the other views; the caller disposes them.</summary>
    /// <param name="device">Where the indices go; the CPU when <see langword="null"/>.</param>
    /// <returns>int64 [V·2b, V-1].</returns>
    public Tensor Positives(Device? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor shift = arange(1, Views, ScalarType.Int64, device) * Samples;
        return ((Index(device).unsqueeze(1) + shift) % Rows).MoveToOuterDisposeScope();
    }

    /// <summary>The row of the same view of the sample's opposite; defined for every view (the row itself without pseudo-anomalies). The caller disposes it.</summary>
    /// <param name="device">Where the indices go; the CPU when <see langword="null"/>.</param>
    /// <returns>int64 [V·2b, 1].</returns>
    public Tensor Opposites(Device? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor row = Index(device);
        Tensor sample = row % Samples;
        return (row - sample + (sample + Pairs) % Samples).unsqueeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>Pairs of rows of one group, a row and itself included; the caller disposes the mask.</summary>
    /// <param name="device">Where the mask goes; the CPU when <see langword="null"/>.</param>
    /// <returns>bool [V·2b, V·2b].</returns>
    public Tensor SameGroup(Device? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor group = (Index(device) % Samples).ge(Pairs);
        return group.unsqueeze(1).eq(group).MoveToOuterDisposeScope();
    }

    /// <summary>Pairs of rows of one sample, a row and itself included; the caller disposes the mask.</summary>
    /// <param name="device">Where the mask goes; the CPU when <see langword="null"/>.</param>
    /// <returns>bool [V·2b, V·2b].</returns>
    public Tensor SameSample(Device? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sample = Index(device) % Samples;
        return sample.unsqueeze(1).eq(sample).MoveToOuterDisposeScope();
    }

    /// <summary>Checks the numbers of pairs and views.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.RequireAtLeast(Pairs, 1);
        OptionCheck.Require(Views, 2, 4);
    }

    private Tensor Index(Device? device) => arange(Rows, ScalarType.Int64, device);
}
