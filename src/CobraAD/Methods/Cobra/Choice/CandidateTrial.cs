using CobraAD.Methods.Cobra.Scores;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Choice;

/// <summary>
/// Scores compared on good images and on anomalies crafted from them. Points that the climb of one score reaches count for all, so the AUROC under attack of a score that was not climbed itself is an upper bound;
/// where it is not the best even so, its own climb would change nothing.
/// </summary>
internal sealed class CandidateTrial
{
    /// <summary>A kind that no score tells from good images says nothing about them.</summary>
    private const double LeastClean = 0.6;

    private readonly SharedAscent ascent;
    private readonly IReadOnlyList<ScoreForm> forms;
    private readonly ResampledRanking ranking;
    private readonly Crowd good;
    private readonly Crowd[] kinds;

    /// <summary>AUROC of each kind untouched, [forms, 1 + replicates].</summary>
    private readonly Tensor[] clean;

    private readonly HashSet<int> climbed = [];

    /// <summary>Scores the images as they are, and leaves out the kinds that say nothing, but for the clearest. Its tensors are in the scope of the caller.</summary>
    /// <param name="ascent">The attack on the scores.</param>
    /// <param name="forms">The scores.</param>
    /// <param name="ranking">How images are ranked and resampled.</param>
    /// <param name="normals">Good images [B, 3, H, W].</param>
    /// <param name="anomalies">Kinds of anomalies, each [B, 3, H, W], one for each good image.</param>
    public CandidateTrial(SharedAscent ascent, IReadOnlyList<ScoreForm> forms, ResampledRanking ranking, Tensor normals, IReadOnlyList<(string Kind, Tensor Images)> anomalies)
    {
        this.ascent = ascent;
        this.forms = forms;
        this.ranking = ranking;
        good = Untouched("good", normals, +1);
        (Crowd Kind, Tensor Auroc, double Clearest)[] all = [.. anomalies.Select(kind => Ranked(Untouched(kind.Kind, kind.Images, -1)))];
        double least = Math.Min(LeastClean, all.Max(kind => kind.Clearest));
        (Crowd Kind, Tensor Auroc, double Clearest)[] counting = [.. all.Where(kind => kind.Clearest >= least)];
        kinds = [.. counting.Select(kind => kind.Kind)];
        clean = [.. counting.Select(kind => kind.Auroc)];
    }

    /// <summary>Whether a score was climbed itself.</summary>
    public bool IsClimbed(int form) => climbed.Contains(form);

    /// <summary>Climbs a score on the good images and on every kind that counts.</summary>
    /// <param name="form">Which score.</param>
    /// <param name="epsilon">ε of the ℓ∞ ball.</param>
    /// <param name="steps">Gradient steps.</param>
    /// <param name="rng">CPU generator of the random starts.</param>
    /// <param name="onClimbed">Told after each of them; may end it all by an exception.</param>
    public void Climb(int form, double epsilon, int steps, Generator rng, Action? onClimbed)
    {
        foreach (Crowd crowd in kinds.Prepend(good))
        {
            ascent.Climb(crowd.Worst, crowd.Images, crowd.Sign, form, epsilon, steps, rng);
            onClimbed?.Invoke();
        }

        climbed.Add(form);
    }

    /// <summary>Every candidate as far as is known.</summary>
    /// <param name="usual">The score from which differences have their standard errors.</param>
    public ScoreCandidate[] Judged(int usual)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attackedGood = good.Worst * good.Sign;
        Tensor[] attacked = [.. kinds.Select((kind, k) => minimum(clean[k], ranking.Auroc(attackedGood, kind.Worst * kind.Sign)))];
        Tensor worsts = stack(clean.Zip(attacked, (untouched, worst) => (untouched + worst) / 2)).amin([0]);
        double[] errors = ResampledRanking.Errors(worsts - worsts.narrow(0, usual, 1));
        return
        [
            .. forms.Select((form, i) => new ScoreCandidate(form.Name, [.. kinds.Select((kind, k) => new ScoreCandidateKind(kind.Kind, Of(clean[k], i), Of(attacked[k], i)))])
            {
                Error = errors[i],
                IsBound = climbed.Count > 0 && !IsClimbed(i),
            }),
        ];

        static double Of(Tensor auroc, int form) => auroc[form, 0].item<double>();
    }

    private (Crowd Kind, Tensor Auroc, double Clearest) Ranked(Crowd kind)
    {
        Tensor auroc = ranking.Auroc(good.Clean, kind.Clean);
        return (kind, auroc, auroc.narrow(1, 0, 1).max().item<double>());
    }

    private Crowd Untouched(string kind, Tensor images, int sign)
    {
        using IDisposable frozen = no_grad();
        Tensor scores = ascent.Scores(images);
        return new Crowd(kind, images, sign, scores, scores * sign);
    }

    /// <summary>Images that an attacker moves one way.</summary>
    /// <param name="Kind">What they are.</param>
    /// <param name="Images">[B, 3, H, W].</param>
    /// <param name="Sign">+1 where scores are raised, -1 where they are lowered.</param>
    /// <param name="Clean">Scores as they are, [forms, B].</param>
    /// <param name="Worst">The most that was reached, times the sign.</param>
    private sealed record Crowd(string Kind, Tensor Images, int Sign, Tensor Clean, Tensor Worst);
}
