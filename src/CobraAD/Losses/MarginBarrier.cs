using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>B(m) = -log(1 - e^{-m}) for margins m > 0, and what to do at the others.</summary>
internal static class MarginBarrier
{
    /// <summary>A margin whose barrier is 0 in double precision.</summary>
    public const double Vanished = 100;

    private const double SmallestDifference = 1e-8;

    public static Tensor Value(Tensor margin, MarginForm form, double floor) => form switch
    {
        MarginForm.Continued => Continued(margin, floor),
        MarginForm.Strict => Strict(margin),
        _ => (1 - margin.clamp_min(0).neg().exp()).clamp_min(SmallestDifference).log().neg(),
    };

    /// <summary>log(1 + e^{-m}): smooth, with the same tail; -log of the probability that the positive beats the opposite.</summary>
    public static Tensor Softplus(Tensor margin) => nn.functional.logsigmoid(margin).neg();

    /// <summary>
    /// B above the floor m0 and its tangent below. The curve is only ever evaluated at max(m, m0): choosing between two branches
    /// afterwards would let the infinite gradient of the branch not taken through.
    /// </summary>
    private static Tensor Continued(Tensor margin, double floor)
    {
        double slope = -1 / (Math.Exp(floor) - 1);
        Tensor safe = margin.clamp_min(floor);
        return Curve(safe) + slope * (margin - safe);
    }

    private static Tensor Strict(Tensor margin)
    {
        using Tensor violated = margin.le(0).sum();
        long count = violated.item<long>();
        if (count > 0)
            throw new InvalidOperationException($"The literal loss of equation (2) has no value: {count} of {margin.numel()} margins are not positive. Use the form {nameof(MarginForm.Continued)}, which equals it wherever it exists.");
        return Curve(margin);
    }

    private static Tensor Curve(Tensor margin) => margin.neg().exp().neg().log1p().neg();
}
