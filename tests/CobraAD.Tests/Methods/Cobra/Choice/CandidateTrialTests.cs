using CobraAD.Datasets;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Choice;
using CobraAD.Methods.Cobra.Scores;
using CobraAD.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra.Choice;

/// <summary>Scores compared while only some of them are climbed.</summary>
public sealed class CandidateTrialTests
{
    private const double Epsilon = 8 / 255.0;

    private static readonly ScoreForm[] Forms = [new Similarity(), new SmoothSimilarity(1), new CenterSimilarity(1)];

    [Fact]
    public void What_was_not_climbed_has_a_bound_that_its_own_climb_keeps()
    {
        using DisposeScope scope = NewDisposeScope();
        using Scene scene = new();
        CandidateTrial trial = scene.Trial(scene.Noisy());

        ScoreCandidate[] untouched = trial.Judged(1);
        trial.Climb(0, Epsilon, 6, scene.Rng, null);
        ScoreCandidate[] first = trial.Judged(1);
        trial.Climb(2, Epsilon, 6, scene.Rng, null);
        ScoreCandidate[] second = trial.Judged(1);

        Assert.All(untouched, candidate => Assert.False(candidate.IsBound));
        Assert.Equal([false, true, true], first.Select(candidate => candidate.IsBound));
        Assert.Equal([false, true, false], second.Select(candidate => candidate.IsBound));
        Assert.All(untouched.SelectMany(candidate => candidate.Kinds), kind => Assert.Equal(kind.Clean, kind.Attacked));
        Assert.All(first.Zip(second), pair => Assert.True(pair.Second.Kinds[0].Attacked <= pair.First.Kinds[0].Attacked));
        Assert.True(first[0].Kinds[0].Attacked < untouched[0].Kinds[0].Attacked);
        Assert.Equal((false, true), (trial.IsClimbed(1), trial.IsClimbed(2)));
    }

    [Fact]
    public void All_climbs_together_are_the_whole_attack()
    {
        using DisposeScope scope = NewDisposeScope();
        using Scene scene = new();
        CandidateTrial trial = scene.Trial(scene.Noisy());
        for (int form = 0; form < Forms.Length; form++) trial.Climb(form, Epsilon, 6, scene.Rng, null);
        ScoreCandidate[] judged = trial.Judged(1);

        using Generator good = new(5, CPU), bad = new(6, CPU);
        SharedAscent ascent = new(scene.Network, scene.Bank, Forms);
        Tensor raised = ascent.Worst(scene.Normals, +1, Epsilon, 6, good), lowered = ascent.Worst(scene.Noisy()[0].Images, -1, Epsilon, 6, bad);
        Tensor auroc = scene.Ranking.Auroc(raised, lowered);

        // Other random starts: the same attack but for chance.
        for (int form = 0; form < Forms.Length; form++) Assert.Equal(auroc[form, 0].item<double>(), judged[form].Kinds[0].Attacked, 0.1);
    }

    [Fact]
    public void Kinds_that_no_score_tells_are_neither_judged_nor_climbed()
    {
        using DisposeScope scope = NewDisposeScope();
        using Scene scene = new();
        CandidateTrial trial = scene.Trial([.. scene.Noisy(), ("the images themselves", scene.Normals)]);
        int climbs = 0;

        trial.Climb(0, Epsilon, 2, scene.Rng, () => climbs++);

        Assert.Equal(2, climbs);
        Assert.All(trial.Judged(1), candidate => Assert.Equal("noise", Assert.Single(candidate.Kinds).Kind));
    }

    [Fact]
    public void The_clearest_kind_counts_where_none_is_clear()
    {
        using DisposeScope scope = NewDisposeScope();
        using Scene scene = new();

        CandidateTrial trial = scene.Trial([("the images themselves", scene.Normals)]);

        Assert.All(trial.Judged(1), candidate => Assert.Equal(0.5, Assert.Single(candidate.Kinds).Clean));
    }

    /// <summary>A drawn network, good images, and noise as what is anomalous.</summary>
    private sealed class Scene : IDisposable
    {
        private readonly ImageSet images = SmallTraining.Images(count: 40);
        private readonly ImageSet banked;

        public Scene()
        {
            Network = new CobraNetwork(SmallTraining.Options.Network, Rng);
            Network.eval();
            banked = images.Subset([.. Enumerable.Range(0, 28)]);
            Bank = EmbeddingBank.Of(Network, banked, CPU);
            Normals = images.Batch(28, 12);
            using Generator draws = new(2, CPU);
            Ranking = new ResampledRanking([.. Enumerable.Range(0, 12)], draws);
        }

        public Generator Rng { get; } = new(1, CPU);

        public CobraNetwork Network { get; }

        public EmbeddingBank Bank { get; }

        public Tensor Normals { get; }

        public ResampledRanking Ranking { get; }

        public CandidateTrial Trial(IReadOnlyList<(string Kind, Tensor Images)> kinds) => new(new SharedAscent(Network, Bank, Forms), Forms, Ranking, Normals, kinds);

        public (string Kind, Tensor Images)[] Noisy()
        {
            using Generator rng = new(3, CPU);
            return [("noise", rand(Normals.shape, generator: rng))];
        }

        public void Dispose()
        {
            Rng.Dispose();
            Network.Dispose();
            Bank.Dispose();
            Normals.Dispose();
            images.Dispose();
            banked.Dispose();
        }
    }
}
