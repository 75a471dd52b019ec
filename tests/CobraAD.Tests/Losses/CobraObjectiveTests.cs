using CobraAD.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Losses;

/// <summary>The objective of networks side by side, against those of each.</summary>
public sealed class CobraObjectiveTests
{
    private static readonly PairLayout Layout = new(3, 3);
    private static readonly ContrastiveLoss Loss = ContrastiveLosses.Create(new ContrastiveLossOptions());

    [Fact]
    public void The_losses_of_several_members_are_the_means_of_theirs()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(4, CPU);
        Tensor first = randn([Layout.Rows, 5], float64, generator: rng), second = randn([Layout.Rows, 5], float64, generator: rng), logits = randn([Layout.Rows, 4], float64, generator: rng);
        CobraObjective one = new(Loss), two = new(Loss, members: 2);

        ObjectiveParts a = one.Outer(first, logits.narrow(1, 0, 2), Layout), b = one.Outer(second, logits.narrow(1, 2, 2), Layout), both = two.Outer(cat([first, second], 1), logits, Layout);

        TensorAssert.Close((a.Contrastive + b.Contrastive) / 2, both.Contrastive, 1e-12);
        TensorAssert.Close((a.Classification + b.Classification) / 2, both.Classification, 1e-12);
    }

    [Fact]
    public void Attacked_views_are_drawn_to_the_mean_direction_of_their_images_light_views()
    {
        using DisposeScope scope = NewDisposeScope();
        PairLayout layout = new(1, 3);
        // Sample 0 has light views (2, 0) and (0, 3) and is attacked to (0, 5): cos 45°. Sample 1 stays where it is.
        Tensor embeddings = tensor(new double[,] { { 2, 0 }, { -1, 0 }, { 0, 3 }, { -2, 0 }, { 0, 5 }, { -4, 0 } }).requires_grad_();

        Tensor mean = CobraObjective.Inconsistency(embeddings, layout, LossReduction.Mean), sum = CobraObjective.Inconsistency(embeddings, layout, LossReduction.Sum);
        mean.backward();

        Assert.Equal((1 - Math.Sqrt(0.5)) / 2, mean.item<double>(), 1e-7);
        Assert.Equal(1 - Math.Sqrt(0.5), sum.item<double>(), 1e-7);
        // A step down the slope turns the attacked view towards (1, 1).
        Assert.True(embeddings.grad![4, 0].item<double>() < 0);
        Assert.Equal(0, CobraObjective.Inconsistency(embeddings.narrow(0, 0, 4), new PairLayout(1, 2), LossReduction.Mean).item<double>());
    }

    [Fact]
    public void The_weight_of_consistency_is_that_of_its_part_of_the_loss()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(4, CPU);
        Tensor embeddings = randn([Layout.Rows, 10], float64, generator: rng), logits = randn([Layout.Rows, 4], float64, generator: rng);

        ObjectiveParts without = new CobraObjective(Loss, members: 2).Outer(embeddings, logits, Layout);
        ObjectiveParts with = new CobraObjective(Loss, members: 2) { ConsistencyWeight = 3 }.Outer(embeddings, logits, Layout);
        Tensor added = (Of(0) + Of(5)) * 3 / 2;

        TensorAssert.Close(without.Total + added, with.Total, 1e-12);
        TensorAssert.Close(without.Contrastive, with.Contrastive, 1e-12);

        Tensor Of(int from) => CobraObjective.Inconsistency(embeddings.narrow(1, from, 5), Layout, LossReduction.Mean);
    }

    [Fact]
    public void The_training_attack_on_several_members_raises_the_mean_of_what_it_raises_on_each()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(4, CPU);
        Tensor keys = randn([2 * Layout.Samples, 10], float64, generator: rng), embeddings = randn([Layout.Samples, 10], float64, generator: rng);
        Tensor logits = randn([Layout.Samples, 4], float64, generator: rng);
        CobraObjective one = new(Loss), two = new(Loss, members: 2);

        Tensor each = (Inner(0) + Inner(1)) / 2;

        TensorAssert.Close(each, two.Inner(embeddings, logits, keys, Layout), 1e-12);

        Tensor Inner(int member) => one.Inner(embeddings.narrow(1, 5 * member, 5), logits.narrow(1, 2 * member, 2), keys.narrow(1, 5 * member, 5), Layout);
    }
}
