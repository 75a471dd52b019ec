using CobraAD.Detection;
using CobraAD.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Certification;

/// <summary>
/// The median of a detector's score over fixed draws of Gaussian noise: what an attacker of a smoothed score attacks. Its gradient is that of the draw in
/// the middle. A certificate bounds the median over all noise; this one over <see cref="Draws"/> of them differs from that by chance.
/// </summary>
public sealed class SmoothedDetector : IAnomalyDetector
{
    private readonly NoiseBank noise;

    /// <summary>Smooths a detector.</summary>
    /// <param name="inner">The detector; disposed with this one.</param>
    /// <param name="sigma">σ of the noise, above 0 and at most 10.</param>
    /// <param name="draws">How many draws; odd, so that one is in the middle.</param>
    /// <param name="seed">Of the draws.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public SmoothedDetector(IAnomalyDetector inner, double sigma, int draws = 65, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(inner);
        OptionCheck.RequirePositive(sigma, 10);
        OptionCheck.Require(draws, draws >= 1 && draws % 2 == 1, "odd and at least 1");
        Inner = inner;
        Sigma = sigma;
        Draws = draws;
        noise = new NoiseBank(seed, "smoothed score");
    }

    /// <summary>The detector whose score is smoothed.</summary>
    public IAnomalyDetector Inner { get; }

    /// <summary>σ.</summary>
    public double Sigma { get; }

    /// <summary>How many draws the median is taken over.</summary>
    public int Draws { get; }

    /// <inheritdoc/>
    public string Name => FormattableString.Invariant($"{Inner.Name}, smoothed with σ = {Sigma}");

    /// <inheritdoc/>
    public Device Device => Inner.Device;

    /// <inheritdoc/>
    public bool IsDifferentiable => Inner.IsDifferentiable;

    /// <inheritdoc/>
    public Tensor Score(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using DisposeScope scope = NewDisposeScope();
        Tensor middle = Middle(images);
        // One pass with a graph instead of one for each draw: the derivative of a median is that of the draw that it is.
        return Inner.Score(Noisy(images, middle)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => Inner.Dispose();

    /// <summary>The noise of the draw in the middle, for each image.</summary>
    private Tensor Middle(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor[] draws = [.. NoiseBank.Portions(Draws).Select(portion => noise.Draw(portion.Portion, portion.Count, images.size(2), images.size(3)))];
        Tensor bank = cat(draws).to(images.dtype).to(images.device);
        Tensor scores = stack([.. Enumerable.Range(0, Draws).Select(draw => Scored(bank.narrow(0, draw, 1)))]);
        Tensor middle = scores.argsort(0)[Draws / 2];
        return bank.index_select(0, middle).MoveToOuterDisposeScope();

        Tensor Scored(Tensor draw)
        {
            using DisposeScope pass = NewDisposeScope();
            return FiniteScore.Of(Inner, Noisy(images, draw)).to(ScalarType.Float64).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Detectors take images in [0, 1], so the noise is cut to them: a part of the score that is smoothed.</summary>
    private Tensor Noisy(Tensor images, Tensor draws) => (images + Sigma * draws).clamp(0, 1);
}
