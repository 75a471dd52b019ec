using CobraAD.Losses;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Losses;

/// <summary>The properties P1 and P3 to P6 of docs/contributing/decisions.md on random embeddings.</summary>
public sealed class ContrastiveLossPropertyTests
{
    private static readonly PairLayout Layout = new(3, 3);

    public static TheoryData<string> AllNames => [.. ContrastiveLosses.Names];

    public static TheoryData<string> ActiveNames => [.. ContrastiveLosses.Names.Where(name => name != "none")];

    [Theory]
    [MemberData(nameof(ActiveNames))]
    public void Adding_one_number_to_all_similarities_of_an_anchor_changes_nothing(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        ContrastiveLoss loss = Create(name);
        Tensor similarities = Similarities().requires_grad_();

        Tensor values = loss.Terms(PairSimilarities.AmongViews(similarities, Layout, excludeSameGroup: false, adversarialOpposite: false));
        autograd.backward([values.sum()], inputs: [similarities]);

        TensorAssert.Close(zeros(Layout.Rows, float64), similarities.grad!.sum(1), 1e-12);
    }

    [Theory]
    [MemberData(nameof(ActiveNames))]
    public void The_length_of_an_embedding_does_not_matter(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor embeddings = Embeddings().requires_grad_();

        autograd.backward([Create(name).Outer(embeddings, Layout)], inputs: [embeddings]);

        TensorAssert.Close(zeros(Layout.Rows, float64), (embeddings * embeddings.grad!).sum(1), 1e-7);
        Assert.True(embeddings.grad!.abs().max().item<double>() > 1e-3);
    }

    [Theory]
    [MemberData(nameof(AllNames))]
    public void Permuting_samples_and_swapping_the_groups_leaves_the_loss_as_it_is(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor byView = Embeddings().view(Layout.Views, Layout.Samples, -1);
        ContrastiveLoss loss = Create(name);

        double original = Value(loss, byView);
        double permuted = Value(loss, byView.index_select(1, tensor(new long[] { 2, 0, 1, 5, 3, 4 })));
        double swapped = Value(loss, byView.index_select(1, tensor(new long[] { 3, 4, 5, 0, 1, 2 })));

        Assert.Equal(original, permuted, 1e-12);
        Assert.Equal(original, swapped, 1e-12);
    }

    [Theory]
    [InlineData("cobra")]
    [InlineData("cobra-eq2")]
    [InlineData("cobra-softplus")]
    [InlineData("opposite")]
    public void A_nearer_opposite_never_lowers_the_loss_and_a_nearer_positive_never_raises_it(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        ContrastiveLoss loss = Create(name);
        PairSimilarities now = PairSimilarities.AmongViews(Similarities(), Layout, excludeSameGroup: false, adversarialOpposite: false);

        Tensor value = loss.Terms(now);
        Tensor nearerOpposite = loss.Terms(now with { Opposites = now.Opposites + 0.3 });
        Tensor nearerPositive = loss.Terms(now with { Positives = now.Positives + 0.3 });

        Assert.True((nearerOpposite - value).min().item<double>() >= 0);
        Assert.True((nearerOpposite - value).max().item<double>() > 0.01);
        Assert.True((nearerPositive - value).max().item<double>() <= 0);
    }

    [Fact]
    public void Where_every_margin_is_above_the_floor_the_continued_loss_is_the_literal_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor centre = tensor(new[] { 1.0, 0, 0, 0 }).expand(3, 4);
        Tensor noise = Embeddings(scale: 0.1).view(3, 6, 4);
        Tensor separated = (cat([centre, -centre], 0) + noise).view(Layout.Rows, 4);

        double continued = Create("cobra-eq2").Outer(separated, Layout).item<double>();
        double strict = ContrastiveLosses.Create(new ContrastiveLossOptions { Name = "cobra-eq2", Margin = MarginForm.Strict }).Outer(separated, Layout).item<double>();

        Assert.Equal(strict, continued, 1e-14);
    }

    // Closed forms of the decision "values at total collapse": all embeddings equal, V = 3, n = 6 rows of each view; log 17 is the normaliser.
    [Theory]
    [InlineData("ntxent", 2, 0)]
    [InlineData("cobra", 1, 0)]
    [InlineData("cobra-eq2", 2, 4)]
    [InlineData("cobra-softplus", 2, 2)]
    public void At_total_collapse_a_light_anchor_has_the_closed_form(string name, double logs, double logTwos)
    {
        using DisposeScope scope = NewDisposeScope();

        Tensor values = Create(name).PerAnchor(ones([Layout.Rows, 4], float64), Layout);

        TensorAssert.Close(full(12, logs * Math.Log(17) + logTwos * Math.Log(2), float64), values.narrow(0, 0, 12), 1e-7);
        TensorAssert.Close(full(6, 2 * Math.Log(17), float64), values.narrow(0, 12, 6), 1e-7);
    }

    [Theory]
    [MemberData(nameof(AllNames))]
    public void The_inner_gradient_of_a_row_does_not_depend_on_the_other_rows(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        ContrastiveLoss loss = Create(name);
        Tensor keys = Embeddings().narrow(0, 0, 12);
        Tensor adversarial = Embeddings(seed: 9).narrow(0, 0, 6);
        Tensor changed = cat([adversarial.narrow(0, 0, 1), adversarial.narrow(0, 1, 5) + 1], 0);

        Tensor values = loss.Inner(adversarial, keys, Layout);
        Tensor others = loss.Inner(changed, keys, Layout);

        Assert.Equal([6L], values.shape);
        Assert.Equal(values[0].item<double>(), others[0].item<double>(), 1e-14);
    }

    [Theory]
    [MemberData(nameof(AllNames))]
    public void Float32_stays_finite_at_the_smallest_temperature_and_for_equal_rows(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        ContrastiveLoss loss = ContrastiveLosses.Create(new ContrastiveLossOptions { Name = name, Temperature = 0.01 });
        Tensor embeddings = cat([ones(9, 4), -ones(8, 4), zeros(1, 4)], 0).requires_grad_();

        Tensor value = loss.Outer(embeddings, Layout) + embeddings.sum() * 0;
        autograd.backward([value], inputs: [embeddings]);

        Assert.True(value.isfinite().item<bool>());
        Assert.True(embeddings.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Embeddings_that_do_not_fit_the_layout_are_refused()
    {
        using Tensor embeddings = ones(17, 4);

        ArgumentException error = Assert.Throws<ArgumentException>(() => Create("cobra").Outer(embeddings, Layout));

        Assert.Contains("[18, d]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Name")]
    [InlineData("Temperature")]
    [InlineData("MarginFloor")]
    [InlineData("Stabilizer")]
    public void An_impossible_option_is_refused_by_name(string option)
    {
        ContrastiveLossOptions options = new();
        options = option switch
        {
            "Name" => options with { Name = "triplet" },
            "Temperature" => options with { Temperature = 0 },
            "MarginFloor" => options with { MarginFloor = double.NaN },
            _ => options with { Stabilizer = 1 },
        };

        Assert.Equal(option, Assert.Throws<ArgumentOutOfRangeException>(() => ContrastiveLosses.Create(options)).ParamName);
    }

    private static ContrastiveLoss Create(string name) => ContrastiveLosses.Create(new ContrastiveLossOptions { Name = name });

    private static double Value(ContrastiveLoss loss, Tensor byView) => loss.Outer(byView.contiguous().view(Layout.Rows, -1), Layout).item<double>();

    private static Tensor Embeddings(double scale = 1, long seed = 3)
    {
        using Generator rng = new RandomStreams(seed).Create("embeddings");
        return randn([Layout.Rows, 4], dtype: float64, generator: rng) * scale;
    }

    private static Tensor Similarities()
    {
        using Tensor unit = nn.functional.normalize(Embeddings(), dim: 1);
        return unit.mm(unit.t()) / 0.5;
    }
}
