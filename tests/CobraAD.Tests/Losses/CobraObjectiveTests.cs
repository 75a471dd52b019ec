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
