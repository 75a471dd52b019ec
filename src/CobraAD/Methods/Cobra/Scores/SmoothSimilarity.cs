using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>
/// -T log (1/n) Σ_b exp(cos(f, b) / T) over the whole bank, with T in units of the bank's own spread; in [-1, 1]. Between
/// <see cref="Similarity"/> (T → 0) and <see cref="CenterSimilarity"/> with one center (T → ∞): one entry that lies wrong no longer decides.
/// </summary>
/// <param name="temperature">T divided by the bank's spread (<see cref="Bank.BankSummary.Spread"/>).</param>
/// <param name="leastSpread">The unit of T where the bank is tighter.</param>
internal sealed class SmoothSimilarity(double temperature, double leastSpread = 0) : ScoreForm
{
    public override string Name =>
        FormattableString.Invariant($"smooth maximum of the similarities, temperature {temperature}{(leastSpread > 0 ? $" of a spread of at least {leastSpread}" : "")}");

    /// <summary>T for a bank.</summary>
    public double TemperatureFor(Bank.EmbeddingBank bank) => temperature * Math.Max(bank.Summary.Spread, leastSpread);

    public override Tensor Of(ScoreInput input)
    {
        double t = TemperatureFor(input.Bank);
        Tensor cosines = input.Cosines();
        return -((cosines / t).logsumexp(1) - Math.Log(cosines.size(1))) * t;
    }
}
