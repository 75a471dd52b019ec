using System.Text.Json;
using CobraAD.Methods.Released;
using CobraAD.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Released;

public sealed class ReleasedAttackLossTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Value_and_gradients_equal_the_executed_released_code(int index)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement golden = GoldenFile.Read("reference_attack_loss.json").GetProperty("cases")[index];
        Tensor attacked = golden.GetProperty("x_embeddings").Array().requires_grad_();
        Tensor targets = golden.GetProperty("target_embeddings").Array().requires_grad_();

        Tensor loss = ReleasedAttackLoss.Value(attacked, targets, golden.GetProperty("temperature").GetDouble());
        autograd.backward([loss], inputs: [attacked, targets]);

        Assert.Equal(golden.GetProperty("loss").GetDouble(), loss.item<double>(), 1e-9);
        TensorAssert.Close(golden.GetProperty("grad_x").Array(), attacked.grad!, 1e-9);
        TensorAssert.Close(golden.GetProperty("grad_target").Array(), targets.grad!, 1e-9);
    }
}
