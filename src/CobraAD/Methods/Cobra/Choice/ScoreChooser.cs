using System.Diagnostics;
using CobraAD.Datasets;
using CobraAD.Detection;
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

    private const int TimedSteps = 2;

    /// <summary>Scores that are climbed before one that was climbed is the best: the paper's, the usual one, and most often one or two more.</summary>
    private const int LikelyClimbs = 4;

    /// <summary>Fewer images that were kept from the training say next to nothing.</summary>
    private const int FewestHeldOut = 8;

    /// <summary>What no score may lose on untouched images, of any kind, against the paper's.</summary>
    private const double MostCleanLoss = 0.05;

    /// <summary>
    /// By how many standard errors of the difference another must be better than the usual score: of eight that are alike, the luckiest stays below in 19 of 20 choices (Bonferroni, 1 - 0.05 / 8 of a
    /// normal distribution). Without it, chance would choose among them.
    /// </summary>
    private const double Certainty = 2.5;

    private const double UsualTemperature = 1;

    private static readonly double[] Temperatures = [0.1, 0.3, UsualTemperature];

    private static readonly int[] Centers = [1, 4];

    /// <summary>Which of the bank's images judge where none were kept from the training.</summary>
    private static readonly CalibrationOptions OfTheBank = new() { Fraction = 0.3, Minimum = 1 };

    private readonly RandomStreams streams = new(options.Seed);

    private bool HasOpenWeight => HasClassifier(options) && options.ScoreConstants.LogOddsWeight is null;

    /// <summary>Settles the score.</summary>
    /// <param name="training">The images of the bank.</param>
    /// <param name="heldOut">Good images that the network has not seen; where there are none or very few, a part of the bank's is held against the others.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="progress">Told how many climbs are done (<see cref="Climbs"/>); may end it all by an exception.</param>
    public ScoreChoice Choose(ImageSet training, ImageSet? heldOut, Device device, Action<int>? progress = null)
    {
        if (options.Score != CobraScore.Auto && !HasOpenWeight) return new ScoreChoice(options.Score, options.ScoreConstants, []);
        if (heldOut?.Count >= FewestHeldOut) return Choose(heldOut, bank, device, progress);
        // In the whole bank each of its images would find itself, and so would what was crafted from it.
        using CalibrationSplit split = new(training, OfTheBank, streams.Derive("score choice"));
        using EmbeddingBank others = EmbeddingBank.Of(network, split.Training, device);
        return Choose(split.HeldOut!, others, device, progress);
    }

    /// <summary>How many climbs a choice takes at most: each candidate, on the good images and on each kind of anomaly; none where the score is named or nothing is attacked.</summary>
    public static int Climbs(CobraOptions options) =>
        options.Score == CobraScore.Auto && Epsilon(options) > 0 ? Candidates(options, options.ScoreConstants).Count() * (1 + CraftedKinds.Count) : 0;

    /// <summary>Seconds that a choice will take, found by the first steps of its climbs; nothing depends on what they find.</summary>
    /// <param name="images">Good images, as many as there will be.</param>
    /// <param name="device">Where the network is.</param>
    public double Seconds(ImageSet images, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork folded = network.Fold();
        using Generator rng = streams.Create("score choice, attack");
        int held = options.Calibration.HeldOut(images.Count);
        Tensor normals = images.Batch(0, Math.Min(MostImages, held >= FewestHeldOut ? held : OfTheBank.HeldOut(images.Count)), device);
        SharedAscent ascent = new(folded, bank, [.. Candidates(options, options.ScoreConstants with { LogOddsWeight = 1 }).Select(candidate => CobraScores.Of(candidate.Score, candidate.Constants))]);
        long started = Stopwatch.GetTimestamp();
        Tensor worst;
        using (no_grad()) worst = ascent.Scores(normals);
        ascent.Climb(worst, normals, +1, form: 0, Epsilon(options), TimedSteps, rng);
        return Stopwatch.GetElapsedTime(started).TotalSeconds * AttackSteps / TimedSteps * LikelyClimbs * (1 + CraftedKinds.Count);
    }

    private static double Epsilon(CobraOptions options) => options.Attack?.Epsilon ?? 0;

    private static bool HasClassifier(CobraOptions options) => options.ClassificationWeight > 0;

    /// <summary>The paper's score first: it is what others are held against. Constants that the options set are among the candidates.</summary>
    private static IEnumerable<(CobraScore Score, CobraScoreConstants Constants)> Candidates(CobraOptions options, CobraScoreConstants constants)
    {
        yield return (CobraScore.Similarity, constants);
        yield return (CobraScore.Trimmed, constants);
        foreach (double temperature in Temperatures.Append(constants.Temperature).Distinct()) yield return (CobraScore.Smooth, constants with { Temperature = temperature });
        foreach (int count in Centers.Append(constants.Centers).Distinct()) yield return (CobraScore.Center, constants with { Centers = count });
        if (!HasClassifier(options)) yield break;
        yield return (CobraScore.LogOdds, constants);
        yield return (CobraScore.SmoothAndLogOdds, constants);
    }

    private ScoreChoice Choose(ImageSet good, EmbeddingBank others, Device device, Action<int>? progress)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork folded = network.Fold();
        long[] sample = Sample(good.Count);
        Tensor normals = good.Batch(sample, device);
        CobraScoreConstants constants = options.ScoreConstants;
        if (HasOpenWeight) constants = constants with { LogOddsWeight = WeightOfLogOdds(folded, others, normals) };
        if (options.Score != CobraScore.Auto) return new ScoreChoice(options.Score, constants, []);

        (CobraScore Score, CobraScoreConstants Constants)[] candidates = [.. Candidates(options, constants)];
        ScoreForm[] forms = [.. candidates.Select(candidate => CobraScores.Of(candidate.Score, candidate.Constants))];
        int usual = Array.FindIndex(candidates, candidate => candidate.Score == CobraScore.Smooth && candidate.Constants.Temperature == UsualTemperature);
        using Generator draws = streams.Create("score choice, error");
        // Tiles of one image resemble each other as an image and what was crafted from it do.
        ResampledRanking ranking = new([.. sample.Select(i => good.Origins?[(int)i] ?? (int)i)], draws);
        CandidateTrial trial = new(new SharedAscent(folded, others, forms), forms, ranking, normals, CraftedKinds.Of(normals, good.AreGrey, options.PseudoAnomalies, streams));
        using Generator rng = streams.Create("score choice, attack");
        double epsilon = Epsilon(options);
        int climbs = 0;
        if (epsilon > 0)
        {
            // What others are held against, and what they must beat.
            Climb(0);
            Climb(usual);
        }

        (int best, ScoreCandidate[] ranked) = Ranked();
        while (epsilon > 0 && !trial.IsClimbed(best))
        {
            Climb(best);
            (best, ranked) = Ranked();
        }

        return new ScoreChoice(candidates[best].Score, candidates[best].Constants, ranked);

        void Climb(int form) => trial.Climb(form, epsilon, AttackSteps, rng, () => progress?.Invoke(++climbs));

        (int Best, ScoreCandidate[] Ranked) Ranked()
        {
            ScoreCandidate[] judged = trial.Judged(usual);
            // Of scores that are as good as the usual one, the usual one.
            int[] order = [.. Enumerable.Range(0, forms.Length).OrderByDescending(i => judged[i].Worst - Certainty * judged[i].Error!.Value).ThenByDescending(i => i == usual)];
            // H was trained to tell crafted anomalies from good images. Alone it is at home on them, which is no evidence about others; beside a distance it may count.
            int first = order.First(i => candidates[i].Score != CobraScore.LogOdds && KeepsClean(judged[i], judged[0]));
            return (first, [.. order.Prepend(first).Distinct().Select(i => judged[i])]);
        }
    }

    private static bool KeepsClean(ScoreCandidate candidate, ScoreCandidate paper) =>
        candidate.Kinds.Zip(paper.Kinds).All(pair => pair.First.Clean >= pair.Second.Clean - MostCleanLoss);

    private double WeightOfLogOdds(CobraNetwork folded, EmbeddingBank others, Tensor normals)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        ScoreInput input = new(folded.call(normals), others, LeftOut: 0);
        double smooth = Spread(CobraScores.Of(CobraScore.Smooth, options.ScoreConstants).Of(input)), logOdds = Spread(new LogOdds().Of(input));
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
