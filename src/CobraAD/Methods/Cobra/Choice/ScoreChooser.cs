using CobraAD.Datasets;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Choice;

/// <summary>
/// Settles the score of a trained network: its constants where they are open, and the score itself where the options say
/// <see cref="CobraScore.Auto"/>. It looks at good images alone: those kept from the training against anomalies crafted from them.
/// </summary>
/// <param name="options">The training.</param>
/// <param name="network">What it trained, in evaluation mode.</param>
/// <param name="bank">Its bank.</param>
internal sealed class ScoreChooser(CobraOptions options, CobraNetwork network, EmbeddingBank bank)
{
    /// <summary>Most good images that the choice looks at, so that it takes a small part of the training's time.</summary>
    private const int MostImages = 48;

    private const int AttackSteps = 12;

    /// <summary>A kind that no score tells from good images says nothing about them.</summary>
    private const double LeastClean = 0.6;

    /// <summary>What no score may lose on untouched images, of any kind, against the paper's.</summary>
    private const double MostCleanLoss = 0.05;

    /// <summary>
    /// By how much another must be better than the usual score: about the standard error of a difference on so few images. Without it, chance
    /// would choose among scores that are alike.
    /// </summary>
    private const double Margin = 0.02;

    private const double UsualTemperature = 1;

    private readonly RandomStreams streams = new(options.Seed);

    /// <summary>Settles the score.</summary>
    /// <param name="training">The images of the bank.</param>
    /// <param name="heldOut">Good images that the network has not seen; where there are none, the choice looks at those of the bank.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="progress">Told how many climbs are done (<see cref="Climbs"/>); may end it all by an exception.</param>
    public ScoreChoice Choose(ImageSet training, ImageSet? heldOut, Device device, Action<int>? progress = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork folded = network.Fold();
        ImageSet good = heldOut ?? training;
        Tensor normals = good.Batch(Sample(good.Count), device);
        int leftOut = heldOut is null ? 1 : 0;
        CobraScoreConstants constants = options.ScoreConstants;
        if (HasClassifier(options) && constants.LogOddsWeight is null) constants = constants with { LogOddsWeight = WeightOfLogOdds(folded, normals, leftOut) };
        if (options.Score != CobraScore.Auto) return new ScoreChoice(options.Score, constants, []);

        (CobraScore Score, CobraScoreConstants Constants)[] candidates = [.. Candidates(options, constants)];
        ScoreForm[] forms = [.. candidates.Select(candidate => CobraScores.Of(candidate.Score, candidate.Constants))];
        ScoreCandidateKind[][] measured = Measure(new SharedAscent(folded, bank, forms), normals, good.AreGrey, leftOut, progress);
        ScoreCandidate[] judged = [.. forms.Select((form, i) => new ScoreCandidate(form.Name, measured[i]))];
        int usual = Array.FindIndex(candidates, candidate => candidate.Score == CobraScore.Smooth && candidate.Constants.Temperature == UsualTemperature);
        int[] order = [.. Enumerable.Range(0, forms.Length).OrderByDescending(i => judged[i].Worst + (i == usual ? Margin : 0))];
        int best = order.First(i => KeepsClean(measured[i], measured[0]));
        return new ScoreChoice(candidates[best].Score, candidates[best].Constants, [.. order.Prepend(best).Distinct().Select(i => judged[i])]);
    }

    /// <summary>How many climbs a choice takes: each candidate, on the good images and on each kind of anomaly; none where the score is named.</summary>
    public static int Climbs(CobraOptions options) =>
        options.Score == CobraScore.Auto ? Candidates(options, options.ScoreConstants).Count() * (1 + CraftedKinds.Count) : 0;

    private static bool HasClassifier(CobraOptions options) => options.ClassificationWeight > 0;

    /// <summary>The paper's score first: it is what others are held against.</summary>
    private static IEnumerable<(CobraScore Score, CobraScoreConstants Constants)> Candidates(CobraOptions options, CobraScoreConstants constants)
    {
        yield return (CobraScore.Similarity, constants);
        yield return (CobraScore.Trimmed, constants);
        foreach (double temperature in (double[])[0.1, 0.3, UsualTemperature]) yield return (CobraScore.Smooth, constants with { Temperature = temperature });
        yield return (CobraScore.Center, constants with { Centers = 1 });
        yield return (CobraScore.Center, constants with { Centers = 4 });
        if (!HasClassifier(options)) yield break;
        yield return (CobraScore.LogOdds, constants);
        yield return (CobraScore.SmoothAndLogOdds, constants);
    }

    /// <summary>The figures of each candidate on the kinds that count: at least one of them, the one that scores tell best.</summary>
    private ScoreCandidateKind[][] Measure(SharedAscent ascent, Tensor normals, bool areGrey, int leftOut, Action<int>? progress)
    {
        double epsilon = options.Attack?.Epsilon ?? 0;
        using Generator rng = streams.Create("score choice, attack");
        Tensor clean, attacked;
        using (no_grad()) clean = ascent.Scores(normals, leftOut);
        int climbed = 0;
        attacked = ascent.Worst(normals, +1, epsilon, AttackSteps, rng, OnClimbed);
        List<ScoreCandidateKind[]> kinds = [];
        foreach ((string kind, Tensor anomalies) in CraftedKinds.Of(normals, areGrey, options.PseudoAnomalies, streams))
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor cleanAnomalies;
            using (no_grad()) cleanAnomalies = ascent.Scores(anomalies);
            double[] untouched = Auroc(clean, cleanAnomalies), worst = Auroc(attacked, ascent.Worst(anomalies, -1, epsilon, AttackSteps, rng, OnClimbed));
            kinds.Add([.. untouched.Zip(worst, (c, a) => new ScoreCandidateKind(kind, c, Math.Min(c, a)))]);
        }

        double least = Math.Min(LeastClean, kinds.Max(Clearest));
        ScoreCandidateKind[][] counting = [.. kinds.Where(kind => Clearest(kind) >= least)];
        return [.. Enumerable.Range(0, kinds[0].Length).Select(form => counting.Select(kind => kind[form]).ToArray())];

        void OnClimbed() => progress?.Invoke(++climbed);

        static double Clearest(ScoreCandidateKind[] kind) => kind.Max(score => score.Clean);
    }

    private static bool KeepsClean(ScoreCandidateKind[] candidate, ScoreCandidateKind[] paper) =>
        candidate.Zip(paper).All(pair => pair.First.Clean >= pair.Second.Clean - MostCleanLoss);

    /// <summary>P(anomaly scores above good) + ½ P(tie) of each row of scores [forms, B].</summary>
    private static double[] Auroc(Tensor good, Tensor anomalous)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor difference = anomalous.unsqueeze(2) - good.unsqueeze(1);
        return (difference.sign().mean([1L, 2]) / 2 + 0.5).cpu().data<double>().ToArray();
    }

    private double WeightOfLogOdds(CobraNetwork folded, Tensor normals, int leftOut)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        ScoreInput input = new(folded.call(normals), bank, leftOut);
        double smooth = Spread(new SmoothSimilarity(options.ScoreConstants.Temperature).Of(input)), logOdds = Spread(new LogOdds().Of(input));
        return logOdds > 0 && smooth > 0 ? smooth / logOdds : 1;

        static double Spread(Tensor scores) => (scores.quantile(0.75) - scores.quantile(0.25)).item<double>();
    }

    private long[] Sample(int count)
    {
        using Generator rng = streams.Create("score choice, images");
        using Tensor order = randperm(count, ScalarType.Int64, CPU, generator: rng);
        return [.. order.data<long>().Take(MostImages).Order()];
    }
}
