using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Adversarial;

/// <summary>The attack that leaves images alone once they have crossed.</summary>
public sealed class StopCrossedTests
{
    [Fact]
    public void Crossed_images_stay_where_they_crossed_and_cost_nothing_more()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = SmallAttack.CreateNetwork();
        // Keys as if every sample's own views lay where its attacked image is, negated: all of them have crossed but for H.
        Tensor images = TestImages.Uniform(SmallAttack.Layout.Samples, 16);
        InnerMaximization attack = new(new InnerMaximizationOptions { Steps = 4, Start = StartingPoint.Zero, StopCrossed = true });
        Tensor embeddings = network.Embed(images).detach();
        Tensor keys = cat([-embeddings, -embeddings]);
        using Generator rng = new RandomStreams(1).Create("attack");
        CobraOutput output = network.call(images);
        bool[] crossed = CobraObjective.Crossed(output.Embeddings, output.Logits, keys, SmallAttack.Layout, arange(SmallAttack.Layout.Samples)).data<bool>().ToArray();

        AdversarialBatch result = attack.Run(network, images, keys, SmallAttack.Layout, SmallAttack.Objective, rng);

        // H calls everything one class or the other, so at least one of the two classes has crossed at once.
        Assert.Contains(true, crossed);
        Assert.True(result.GradientPasses < 4);
        float[] moved = (result.Images - images).abs().amax([1L, 2, 3]).data<float>().ToArray();
        for (int i = 0; i < crossed.Length; i++) Assert.Equal(crossed[i], moved[i] == 0);
    }
}
