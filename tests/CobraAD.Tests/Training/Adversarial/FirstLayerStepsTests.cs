using CobraAD.Networks;
using CobraAD.Torch;
using CobraAD.Training.Adversarial;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Adversarial;

/// <summary>Steps that go through the first layer only, under a gradient that was kept above it.</summary>
public sealed class FirstLayerStepsTests
{
    [Fact]
    public void Steps_through_the_first_layer_follow_the_gradient_kept_above_it()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = SmallAttack.CreateNetwork();
        network.to(float64);
        Tensor images = TestImages.Uniform(SmallAttack.Layout.Samples, 16, float64);
        const double stepSize = 0.01;
        InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 0.1, Steps = 1, FirstLayerSteps = 3, StepSize = stepSize, Start = StartingPoint.Zero });
        Tensor keys = attack.EncodeKeys(network, TestImages.Uniform(2 * SmallAttack.Layout.Samples, 16, float64, seed: 2));
        using Generator rng = new RandomStreams(1).Create("attack");

        AdversarialBatch result = attack.Run(network, images, keys, SmallAttack.Layout, SmallAttack.Objective, rng);

        Tensor map = network.Stem(images).detach().requires_grad_();
        CobraOutput output = network.AboveStem(map);
        autograd.backward([SmallAttack.Objective.Inner(output.Embeddings, output.Logits, keys, SmallAttack.Layout).sum()], inputs: [map]);
        Tensor kept = map.grad!, expected = images;
        for (int step = 0; step < 3; step++)
        {
            Tensor x = expected.detach().requires_grad_();
            autograd.backward([(network.Stem(x) * kept).sum()], inputs: [x]);
            expected = (expected + stepSize * x.grad!.sign()).clamp(images - 0.1, images + 0.1).clamp(0, 1);
        }

        TensorAssert.Close(expected, result.Images, 1e-12);
        Assert.Equal(1, result.GradientPasses);
    }

    [Fact]
    public void The_ReLU_in_the_first_layer_makes_its_steps_more_than_one_long_step()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = SmallAttack.CreateNetwork();
        InnerMaximizationOptions three = new() { Epsilon = 0.2, Steps = 1, FirstLayerSteps = 3, StepSize = 0.05, Start = StartingPoint.Zero };

        Tensor inThree = Attack(three), inOne = Attack(three with { FirstLayerSteps = 1, StepSize = 0.15 });

        Assert.InRange((inThree - inOne).ne(0).to(float32).mean().item<float>(), 0.01f, 0.9f);

        Tensor Attack(InnerMaximizationOptions options)
        {
            InnerMaximization attack = new(options);
            using Generator rng = new RandomStreams(1).Create("attack");
            Tensor keys = attack.EncodeKeys(network, TestImages.Uniform(2 * SmallAttack.Layout.Samples, 16, seed: 2));
            return attack.Run(network, TestImages.Uniform(SmallAttack.Layout.Samples, 16), keys, SmallAttack.Layout, SmallAttack.Objective, rng).Images;
        }
    }

    [Fact]
    public void The_default_step_length_is_shared_by_all_steps_of_an_image()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = full([2, 3, 4, 4], 0.5, float64);
        using Generator rng = new RandomStreams(1).Create("attack");
        InnerMaximization attack = new(new InnerMaximizationOptions { Epsilon = 0.2, Steps = 2, FirstLayerSteps = 5, Start = StartingPoint.Zero });

        // Ten steps of 2.5 ε/10 in one direction end at ε; without the clip they would end at 2.5 ε.
        Tensor found = attack.Climb(images, x => (x * 1e-3).sum([1, 2, 3]), rng, measureEnd: false).Images;
        Tensor half = new InnerMaximization(attack.Options with { Epsilon = 1, StepSize = 0.02 }).Climb(images, x => x.sum([1, 2, 3]), rng, measureEnd: false).Images;

        TensorAssert.Close(full([2, 3, 4, 4], 0.7, float64), found, 1e-12);
        TensorAssert.Close(full([2, 3, 4, 4], 0.7, float64), half, 1e-12);
    }
}
