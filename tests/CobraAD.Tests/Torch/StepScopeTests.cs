using System.Runtime.CompilerServices;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Torch;

[Collection(Alone.Name)]
public sealed class StepScopeTests
{
    [Fact]
    public void Tensors_go_with_the_step_unless_they_are_moved_out_of_it()
    {
        using DisposeScope outer = NewDisposeScope();
        Tensor inner, kept;
        using (StepScope step = new())
        {
            inner = ones(3);
            kept = zeros(3).MoveToOuterDisposeScope();
        }

        Assert.True(inner.IsInvalid);
        Assert.Equal([0f, 0f, 0f], kept.data<float>().ToArray());
    }

    /// <summary>Numbers that are handed to operations on tensors are such objects: nothing disposes them.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_waits_for_the_collector_is_released_at_the_end_of_a_step_where_the_program_allows_it(bool isAllowed)
    {
        bool[] released = [false];
        AppContext.SetSwitch(StepScope.Switch, isAllowed);
        try
        {
            using (StepScope step = new()) Leave(released);
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            AppContext.SetSwitch(StepScope.Switch, false);
        }

        Assert.Equal(isAllowed, released[0]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Leave(bool[] released) => _ = new Waiting(released);

    private sealed class Waiting(bool[] released)
    {
        ~Waiting() => released[0] = true;
    }
}
