using CobraAD.Methods.PrincipaLs;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.PrincipaLs;

public sealed class AveragedBasisTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Generator rng = new(1, CPU);

    public void Dispose()
    {
        rng.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void Data_on_a_line_are_kept_by_one_direction()
    {
        using AveragedBasis basis = new(3, 1);
        Tensor line = randn([50, 1], generator: rng).mm(tensor([1f, 2, -1]).view(1, 3)) + tensor([5f, 0, 1]);

        basis.Follow(line, 0.1);

        TensorAssert.Close(line, basis.Restore(basis.Reduce(line)), 1e-4);
    }

    [Fact]
    public void What_lies_across_the_line_is_lost()
    {
        using AveragedBasis basis = new(3, 1);
        basis.Follow(randn([50, 1], generator: rng).mm(tensor([1f, 0, 0]).view(1, 3)), 0.1);

        Tensor restored = basis.Restore(basis.Reduce(tensor([2f, 7, 7]).view(1, 3)));

        Assert.InRange(restored[0, 1].item<float>(), -1e-3, 1e-3);
    }

    [Fact]
    public void Averages_do_not_cancel_and_stay_orthonormal()
    {
        using AveragedBasis basis = new(6, 2);
        Tensor scales = tensor([9f, 5, 1, 0.5f, 0.2f, 0.1f]);

        for (int i = 0; i < 20; i++) basis.Follow(randn([200, 6], generator: rng) * scales, 0.3);

        Tensor kept = basis.get_buffer("directions")!;
        TensorAssert.Close(eye(2), kept.t().mm(kept), 1e-5);
        Assert.True(kept[0, 0].abs().item<float>() > 0.95);
        Assert.True(kept[1, 1].abs().item<float>() > 0.95);
    }
}
