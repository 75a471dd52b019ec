using CobraAD.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CobraAD.Tests.Optimization;

public sealed class PerturbedWeightsTests
{
    [Fact]
    public void A_layer_moves_along_its_gradient_by_a_share_of_its_length_and_back_to_the_bit()
    {
        using DisposeScope scope = NewDisposeScope();
        using Linear layer = nn.Linear(2, 1);
        using IDisposable frozen = no_grad();
        layer.weight!.copy_(tensor(new float[,] { { 3, 4 } }));
        layer.bias!.fill_(1.25f);
        layer.weight.grad = tensor(new float[,] { { 0, -2 } });
        layer.bias.grad = tensor(new float[] { 7 });

        using (new PerturbedWeights(layer.parameters(), 0.1))
        {
            // ‖w‖ = 5, and the direction of the gradient is (0, -1).
            Assert.Equal([3f, 3.5f], layer.weight.data<float>().ToArray());
            Assert.Equal(1.25f, layer.bias.item<float>());
        }

        Assert.Equal([3f, 4f], layer.weight.data<float>().ToArray());
    }

    [Fact]
    public void A_layer_without_a_gradient_or_with_one_of_zero_stays()
    {
        using DisposeScope scope = NewDisposeScope();
        using Linear without = nn.Linear(2, 1), zero = nn.Linear(2, 1);
        float[] before = Weights();
        zero.weight!.grad = zeros_like(zero.weight);

        using PerturbedWeights moved = new([.. without.parameters(), .. zero.parameters()], 0.1);

        Assert.Equal(before, Weights());

        float[] Weights() => [.. without.weight!.data<float>(), .. zero.weight!.data<float>()];
    }
}
