using System.Text.Json;
using CobraAD.Datasets;
using CobraAD.Networks.Residual;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Serialization;
using CobraAD.Torch;
using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Crafting;

public sealed class PseudoAnomalyGeneratorTests
{
    private static readonly PseudoAnomalyOptions Small = new()
    {
        Classifier = new TransformationClassifierOptions
        {
            Network = new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 0.125 },
            Epochs = 2,
            BatchSize = 64,
        },
    };

    [Fact]
    public void Pseudo_anomalies_are_images_that_the_filter_accepts_and_every_one_is_counted()
    {
        using var scope = NewDisposeScope();
        using ImageSet set = Normals(240);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(set, Small, new RandomStreams(1), CPU);
        using Generator rng = new(1, CPU);
        Tensor normals = set.Batch(0, 48), before = normals.clone();

        Tensor crafted = generator.Craft(normals, rng);

        Tensor p = generator.PValues(crafted);
        Assert.Equal(normals.shape, crafted.shape);
        Assert.InRange(crafted.min().item<float>(), 0f, 1f);
        Assert.InRange(crafted.max().item<float>(), 0f, 1f);
        Assert.True(before.eq(normals).all().item<bool>());
        Assert.False(crafted.requires_grad);
        PseudoAnomalyStatistics statistics = generator.Statistics;
        Assert.Equal(48, statistics.Images);
        Assert.Equal(statistics.Exhausted, p.gt(0.05).sum().item<long>());
        Assert.Equal(p.sum().item<double>(), statistics.PValueSum, 1e-9);
        Assert.InRange(statistics.Candidates, 48, 48 * 50);
        Assert.True(crafted.ne(normals).flatten(1).any(1).all().item<bool>(), "Each image changed.");

        generator.Craft(normals, rng);
        Assert.Equal(48, (generator.Statistics - statistics).Images);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Grey_images_give_grey_pseudo_anomalies_before_and_after_a_checkpoint(bool filtered)
    {
        using var scope = NewDisposeScope();
        using ImageSet set = Grey(48);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(set, Small with { Filter = filtered, MaxTries = 4 }, new RandomStreams(1), CPU);
        using PseudoAnomalyState state = generator.Export();
        PseudoAnomalyRecord record = JsonSerializer.Deserialize<PseudoAnomalyRecord>(JsonSerializer.Serialize(state.Record, CobraJson.Options), CobraJson.Options)!;
        using PseudoAnomalyGenerator restored = PseudoAnomalyGenerator.Restore(state with { Record = record }, CPU);
        using Generator rng = new(1, CPU), again = new(1, CPU);
        Tensor normals = set.Batch(0, 48);

        Tensor crafted = generator.Craft(normals, rng), second = restored.Craft(normals, again);

        Assert.True(crafted.narrow(1, 1, 2).eq(crafted.narrow(1, 0, 1)).all().item<bool>(), "Red, green and blue are equal.");
        Assert.True(crafted.eq(second).all().item<bool>(), "What was restored crafts the same.");
        Assert.True(crafted.ne(normals).any().item<bool>());
    }

    [Fact]
    public void Colour_images_keep_transforms_that_give_colour()
    {
        using var scope = NewDisposeScope();
        using ImageSet set = Normals(24);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(set, Small with { Filter = false, Transforms = ["noise", "mixup"], MinTransforms = 1 }, new RandomStreams(1), CPU);
        using Generator rng = new(1, CPU);
        Tensor grey = zeros(24, 3, 32, 32);

        Tensor crafted = generator.Craft(grey, rng);

        Assert.True(crafted.narrow(1, 1, 1).ne(crafted.narrow(1, 0, 1)).any().item<bool>());
    }

    [Fact]
    public void An_adaptive_mix_draws_what_is_noticed_and_goes_with_the_state()
    {
        using var scope = NewDisposeScope();
        using ImageSet set = Normals(240);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(set, Small with { AdaptiveMix = true }, new RandomStreams(1), CPU);
        IReadOnlyDictionary<string, double> noticed = generator.Health!.Noticed!;
        using PseudoAnomalyState state = generator.Export();
        PseudoAnomalyRecord record = JsonSerializer.Deserialize<PseudoAnomalyRecord>(JsonSerializer.Serialize(state.Record, CobraJson.Options), CobraJson.Options)!;
        using PseudoAnomalyGenerator restored = PseudoAnomalyGenerator.Restore(state with { Record = record }, CPU);
        using Generator rng = new(1, CPU), again = new(1, CPU);
        Tensor normals = set.Batch(0, 32);

        Assert.Equal(Small.Transforms.Order(), noticed.Keys.Order());
        Assert.All(noticed.Values, share => Assert.InRange(share, 0, 1));
        Assert.True(noticed.Values.Max() > 0.3, $"The most that is noticed of one transform is {noticed.Values.Max()}.");
        Assert.True(generator.Craft(normals, rng).eq(restored.Craft(normals, again)).all().item<bool>(), "What was restored crafts the same.");
    }

    [Fact]
    public void What_is_never_noticed_is_never_drawn_and_the_rest_by_its_share()
    {
        using var scope = NewDisposeScope();
        Dictionary<string, double> noticed = new() { ["rotation"] = 0.05, ["noise"] = 1, ["cutout"] = 0.24, ["jigsaw"] = 0.62 };
        PseudoAnomalyRecord record = new(
            Small with { Filter = false, Transforms = [.. noticed.Keys], MaxTransforms = 0 }, new FilterHealth(0, 0, 0, null, null, 0) { Noticed = noticed }, PseudoAnomalyStatistics.None);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Restore(new PseudoAnomalyState(record, new Dictionary<string, Tensor>()), CPU);
        using Generator rng = new(3, CPU);
        string[] names = [.. HardTransforms.Named(record.Options.Transforms).Select(transform => transform.Name)];

        Tensor order = generator.Sequences(20_000, rng), lengths = generator.SequenceLengths(20_000, rng);

        double First(string name) => order.select(1, 0).eq(Array.IndexOf(names, name)).to(ScalarType.Float64).mean().item<double>();
        Assert.True(order.select(1, 3).eq(Array.IndexOf(names, "rotation")).all().item<bool>(), "Last, where no sequence reaches.");
        Assert.Equal((2L, 3L), (lengths.min().item<long>(), lengths.max().item<long>()));
        Assert.Equal(1 / 1.8, First("noise"), 0.015);
        Assert.Equal(0.2 / 1.8, First("cutout"), 0.015);
        Assert.Equal(0.6 / 1.8, First("jigsaw"), 0.015);
    }

    [Fact]
    public void Where_nothing_is_noticed_all_transforms_stay()
    {
        IReadOnlyList<IImageTransform> transforms = HardTransforms.Named(["rotation", "noise", "cutout"]);

        Assert.Null(NoticedTransforms.Weights(new Dictionary<string, double> { ["rotation"] = 0.02, ["noise"] = 0.9, ["cutout"] = 0.05 }, transforms, 0.05));
        Assert.NotNull(NoticedTransforms.Weights(new Dictionary<string, double> { ["rotation"] = 0.06, ["noise"] = 0.9, ["cutout"] = 0.05 }, transforms, 0.05));
    }

    [Fact]
    public void An_adaptive_mix_without_the_filter_is_refused() =>
        Assert.Contains("filter", Assert.Throws<ArgumentOutOfRangeException>(() => (Small with { Filter = false, AdaptiveMix = true }).Validate()).Message, StringComparison.Ordinal);

    [Fact]
    public void The_health_check_uses_images_that_nothing_was_fitted_on()
    {
        using ImageSet set = Normals(240);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(set, Small, new RandomStreams(1), CPU);

        FilterHealth health = generator.Health!;

        Assert.Equal((173, 43, 24), (health.FitImages, health.ReferenceImages, health.ValidationImages));
        Assert.InRange(health.ValidationShareBelow!.Value, 0, 0.25);
        Assert.InRange(health.ValidationMeanPValue!.Value, 0.3, 0.7);
        Assert.InRange(health.ClassifierAccuracy, 1.0 / 12, 1);
    }

    [Fact]
    public void A_small_set_is_cross_fitted()
    {
        using ImageSet set = Normals(20);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(set, Small, new RandomStreams(1), CPU);

        Assert.Equal((18, 18, 2), (generator.Health!.FitImages, generator.Health.ReferenceImages, generator.Health.ValidationImages));
    }

    [Fact]
    public void The_same_seed_builds_the_same_generator_bit_by_bit()
    {
        using var scope = NewDisposeScope();
        using ImageSet set = Normals(24);
        using PseudoAnomalyGenerator first = PseudoAnomalyGenerator.Build(set, Small, new RandomStreams(1), CPU);
        using PseudoAnomalyGenerator again = PseudoAnomalyGenerator.Build(set, Small, new RandomStreams(1), CPU);

        using PseudoAnomalyState a = first.Export(), b = again.Export();

        Assert.All(a.Tensors, pair => Assert.True(pair.Value.eq(b.Tensors[pair.Key]).all().item<bool>(), pair.Key));
    }

    [Fact]
    public void A_restored_generator_goes_on_as_the_original_would()
    {
        using var scope = NewDisposeScope();
        using ImageSet set = Normals(24);
        using PseudoAnomalyGenerator original = PseudoAnomalyGenerator.Build(set, Small, new RandomStreams(1), CPU);
        using Generator rng = new(1, CPU), same = new(1, CPU);
        Tensor normals = set.Batch(0, 16);
        using PseudoAnomalyState state = original.Export();
        string json = JsonSerializer.Serialize(state.Record, CobraJson.Options);
        PseudoAnomalyRecord record = JsonSerializer.Deserialize<PseudoAnomalyRecord>(json, CobraJson.Options)!;

        using PseudoAnomalyGenerator restored = PseudoAnomalyGenerator.Restore(state with { Record = record }, CPU);

        Assert.True(original.Craft(normals, rng).eq(restored.Craft(normals, same)).all().item<bool>());
        Assert.Equal(original.Statistics, restored.Statistics);
        Assert.Equal(original.Health, restored.Health);
        Assert.Equal(json, JsonSerializer.Serialize(record, CobraJson.Options));
    }

    [Fact]
    public void A_state_that_lacks_or_misfits_a_tensor_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using ImageSet set = Normals(20);
        using PseudoAnomalyGenerator original = PseudoAnomalyGenerator.Build(set, Small, new RandomStreams(1), CPU);
        using PseudoAnomalyState state = original.Export();

        Dictionary<string, Tensor> lacking = new(state.Tensors), misfit = new(state.Tensors) { ["classifier.head.weight"] = ones(3, 3) };
        lacking.Remove("filter.reference");

        Assert.Contains("filter.reference", Assert.Throws<ArgumentException>(() => PseudoAnomalyGenerator.Restore(state with { Tensors = lacking }, CPU)).Message);
        Assert.Contains("classifier.head.weight", Assert.Throws<ArgumentException>(() => PseudoAnomalyGenerator.Restore(state with { Tensors = misfit }, CPU)).Message);
    }

    [Theory]
    [InlineData(2, 2, 2, 2)]
    [InlineData(2, 4, 2, 4)]
    [InlineData(2, 0, 2, 4)]
    [InlineData(2, 3, 2, 3)]
    [InlineData(1, 9, 1, 4)]
    public void The_number_of_transforms_stays_in_its_bounds(int fewest, int most, int lowest, int highest)
    {
        using var scope = NewDisposeScope();
        using ImageSet set = Normals(8);
        PseudoAnomalyOptions options = new() { Filter = false, MinTransforms = fewest, MaxTransforms = most, Transforms = ["cutout", "noise", "jigsaw", "rotation", "cutmix"] };
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(set, options, new RandomStreams(1), CPU);
        using Generator rng = new(1, CPU);

        long[] lengths = generator.SequenceLengths(4000, rng).data<long>().ToArray();

        Assert.Equal((lowest, highest), (lengths.Min(), lengths.Max()));
        Assert.All(lengths.GroupBy(m => m), group => Assert.Equal(1.0 / (highest - lowest + 1), group.Count() / 4000.0, 0.03));
    }

    [Fact]
    public void Without_the_filter_nothing_is_trained_and_every_candidate_is_taken()
    {
        using var scope = NewDisposeScope();
        using ImageSet set = Normals(8);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(set, new PseudoAnomalyOptions { Filter = false }, new RandomStreams(1), CPU);
        using Generator rng = new(1, CPU);

        Tensor crafted = generator.Craft(set.Batch(0, 8), rng);

        Assert.Equal(new PseudoAnomalyStatistics(8, 8, 0, 0), generator.Statistics);
        Assert.Null(generator.Health);
        Assert.Equal(new long[] { 8, 3, 32, 32 }, crafted.shape);
        Assert.Throws<InvalidOperationException>(() => generator.PValues(crafted));
        using PseudoAnomalyState state = generator.Export();
        Assert.Empty(state.Tensors);
    }

    [Fact]
    public void Images_that_nothing_can_make_unlikely_get_their_least_likely_candidate()
    {
        using var scope = NewDisposeScope();
        using ImageSet set = Normals(24);
        // At significance 0 a candidate must be less likely than every normal image; noise of strength 0.1 alone rarely is.
        PseudoAnomalyOptions options = Small with { Significance = 0, MaxTries = 3, Transforms = ["mixup", "cutmix", "noise"], MinTransforms = 1, MaxTransforms = 1 };
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(set, options, new RandomStreams(1), CPU);
        using Generator rng = new(1, CPU);

        Tensor crafted = generator.Craft(set.Batch(0, 24), rng);

        Assert.True(generator.Statistics.Exhausted > 0);
        Assert.Equal(generator.Statistics.Exhausted, generator.PValues(crafted).gt(0).sum().item<long>());
        Assert.InRange(generator.Statistics.Candidates, 24 + 2 * generator.Statistics.Exhausted, 72);
    }

    [Fact]
    public void Crafting_leaves_one_tensor_behind()
    {
        using var outer = NewDisposeScope();
        using ImageSet set = Normals(20);
        using PseudoAnomalyGenerator generator = PseudoAnomalyGenerator.Build(set, Small, new RandomStreams(1), CPU);
        Tensor normals = set.Batch(0, 8);
        using Generator rng = new(1, CPU);

        using var scope = NewDisposeScope();
        generator.Craft(normals, rng);

        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void Cancelling_ends_the_classifiers_training()
    {
        using ImageSet set = Normals(20);
        using CancellationTokenSource source = new();
        List<PreparationProgress> reports = [];
        Recorder progress = new(report =>
        {
            reports.Add(report);
            source.Cancel();
        });

        Assert.Throws<OperationCanceledException>(() => PseudoAnomalyGenerator.Build(set, Small, new RandomStreams(1), CPU, progress, source.Token));
        Assert.Single(reports);
    }

    [Fact]
    public void A_diverging_classifier_says_so()
    {
        using ImageSet set = Normals(20);
        PseudoAnomalyOptions options = Small with { Classifier = Small.Classifier with { LearningRate = 100, Momentum = 1, Epochs = 30, WeightDecay = 1 } };

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => PseudoAnomalyGenerator.Build(set, options, new RandomStreams(1), CPU));

        Assert.Contains("LearningRate", error.Message);
    }

    public static TheoryData<PseudoAnomalyOptions, string> Invalid => new()
    {
        { new PseudoAnomalyOptions { Significance = 1.5 }, "Significance" },
        { new PseudoAnomalyOptions { MaxTries = 0 }, "MaxTries" },
        { new PseudoAnomalyOptions { MinTransforms = 0 }, "MinTransforms" },
        { new PseudoAnomalyOptions { MaxTransforms = 1 }, "MaxTransforms" },
        { new PseudoAnomalyOptions { Transforms = ["noise"] }, "Transforms" },
        { new PseudoAnomalyOptions { Transforms = ["noise", "sepia"] }, "names" },
        { new PseudoAnomalyOptions { Classifier = new() { BatchSize = 1 } }, "BatchSize" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Options_out_of_range_are_refused_by_name(PseudoAnomalyOptions options, string name) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(options.Validate).ParamName);

    [Fact]
    public void Too_few_images_are_refused()
    {
        using ImageSet set = Normals(15);

        Assert.Contains("has 15 normal images. The filter of pseudo-anomalies needs at least 16", Assert.ThrowsAny<ArgumentException>(() => PseudoAnomalyGenerator.Build(set, Small, new RandomStreams(1), CPU)).Message);
    }

    /// <summary>Discs of random place, size and colour.</summary>
    internal static ImageSet Normals(int count, int side = 32)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(77, CPU);
        Tensor y = arange(side).reshape(1, 1, side, 1), x = arange(side).reshape(1, 1, 1, side);
        Tensor centre = rand([2, count, 1, 1, 1], generator: rng) * (side / 4.0) + side * 3 / 8.0, radius = rand([count, 1, 1, 1], generator: rng) * (side / 8.0) + side / 6.0;
        Tensor inside = ((y - centre[0]).square() + (x - centre[1]).square()).lt(radius.square());
        Tensor color = rand([count, 3, 1, 1], generator: rng) * 0.3 + 0.6;
        Tensor pixels = (inside * color * 255).to(ScalarType.Byte);
        return new ImageSet("discs", pixels, [.. Enumerable.Range(0, count).Select(i => $"disc#{i}")]);
    }

    /// <summary>The discs in the brightness of their red.</summary>
    private static ImageSet Grey(int count)
    {
        using var scope = NewDisposeScope();
        using ImageSet colored = Normals(count);
        return new ImageSet("grey discs", colored.Pixels().narrow(1, 0, 1).expand(count, 3, 32, 32).clone(), colored.Sources);
    }

    private sealed class Recorder(Action<PreparationProgress> action) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => action(value);
    }
}
