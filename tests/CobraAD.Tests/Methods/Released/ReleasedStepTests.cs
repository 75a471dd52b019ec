using CobraAD.Losses;
using CobraAD.Methods.Common;
using CobraAD.Methods.Released;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Released;

public sealed class ReleasedStepTests
{
    private const int Shifts = 2, Pairs = 4;

    private static ReleasedOptions Options { get; } = new()
    {
        Network = new CobraNetworkOptions { Encoder = new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 0.125 }, Classes = Shifts },
    };

    [Fact]
    public void Each_attack_moves_its_view_its_own_way_inside_the_ball()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Network();
        ReleasedStep step = new(network, Options, ReleasedMethod.Views(Options), new RandomStreams(1));
        Tensor first = TestImages.Uniform(Shifts * Pairs, 32), second = TestImages.Uniform(Shifts * Pairs, 32, seed: 2);
        Tensor labels = arange(Shifts, ScalarType.Int64).repeat_interleave(Pairs);

        ReleasedAttacks attacked = step.Attack(first, second, labels, step: 0);

        network.eval();
        using IDisposable frozen = no_grad();
        // With two shifts the opposite of an image is the same image under the other one.
        Tensor opposites = second.roll(Pairs, 0);
        Assert.True(Contrast(attacked.FromPositive, second) > Contrast(first, second) + 1e-6);
        Assert.True(Contrast(attacked.ToOpposite, opposites) < Contrast(second, opposites) - 1e-6);
        Assert.True(CrossEntropy(attacked.ToOtherShift) > CrossEntropy(second) + 1e-6);
        foreach ((Tensor moved, Tensor from) in (ReadOnlySpan<(Tensor, Tensor)>)[(attacked.FromPositive, first), (attacked.ToOpposite, second), (attacked.ToOtherShift, second)])
        {
            Assert.InRange((moved - from).abs().max().item<float>(), 0.01, 0.0314 + 1e-6);
            Assert.InRange(moved.min().item<float>(), 0, 1);
        }

        double Contrast(Tensor images, Tensor targets) => ReleasedAttackLoss.Value(network.Embed(images).to(float64), network.Embed(targets).to(float64)).item<double>();

        double CrossEntropy(Tensor images) => ClassificationLoss.Value(network.call(images).Logits, labels).item<float>();
    }

    [Fact]
    public void The_loss_is_that_of_the_formulas_and_moves_the_statistics_twice()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Network();
        ReleasedStep step = new(network, Options, ReleasedMethod.Views(Options), new RandomStreams(1));

        Tensor loss = step.Loss(new EpochBatch(TestImages.Uniform(Pairs, 32), 0, 0));
        loss.backward();

        // Four views contrast at no less than 3 ln 3 - the positives compete - and no shift is learnt yet.
        Assert.InRange(loss.item<float>(), 3 * Math.Log(3), 3 * Math.Log(4 * Shifts * Pairs) + 2 * Math.Log(Shifts) + 3);
        Assert.All(network.named_buffers().Where(entry => entry.name.EndsWith("num_batches_tracked", StringComparison.Ordinal)), entry => Assert.Equal(2, entry.buffer.item<long>()));
        Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Opposites_go_through_all_shifts_in_one_cycle(int shifts)
    {
        for (int draw = 0; draw < 20; draw++)
        {
            using Generator rng = new RandomStreams(draw).Create("cycle");

            long[] next = ReleasedStep.Cycle(shifts, rng);

            HashSet<long> visited = [];
            for (long at = 0; visited.Add(at); at = next[at]) ;
            Assert.Equal(shifts, visited.Count);
        }
    }

    [Fact]
    public void Rotation_has_no_more_than_four_shifts()
    {
        ReleasedOptions options = Options with { Network = Options.Network with { Classes = 5 } };

        Assert.Contains("quarter turns", Assert.Throws<ArgumentOutOfRangeException>(options.Validate).Message, StringComparison.Ordinal);
        (options with { Shift = ReleasedShift.Scar }).Validate();
    }

    private static CobraNetwork Network()
    {
        using Generator rng = new RandomStreams(3).Create("weights");
        return new CobraNetwork(Options.Network, rng);
    }
}
