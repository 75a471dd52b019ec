using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Torch;

/// <summary>
/// The tensors of one step of a loop: gone when it ends, and with them the numbers that were handed to operations on them. TorchSharp makes a native
/// object of every such number and leaves it to the collector of managed memory, which has nothing to do while tensors are worked with. Thousands of these
/// small objects then lie where large tensors were, so that the next ones find no room there: a training of PANDA grew by 25 MB a step
/// (docs/lab/performance.md). Collecting the youngest generation takes a tenth of a millisecond.
/// </summary>
internal readonly ref struct StepScope : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public StepScope()
    {
    }

    public void Dispose()
    {
        scope.Dispose();
        GC.Collect(0, GCCollectionMode.Forced, blocking: true);
    }
}
