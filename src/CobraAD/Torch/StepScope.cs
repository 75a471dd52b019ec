using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Torch;

/// <summary>
/// The tensors of one step of a loop: gone when it ends, and, where the program allows it, with them the numbers that were handed to operations on them.
/// TorchSharp makes a native object of every such number and leaves it to the collector of managed memory, which has nothing to do while tensors are worked
/// with. Thousands of these small objects then lie where large tensors were, so that the next ones find no room there: a training of PANDA grew by 25 MB a
/// step (docs/lab/performance.md). Collecting the youngest generation takes a tenth of a millisecond.
/// </summary>
internal readonly ref struct StepScope : IDisposable
{
    /// <summary>
    /// The switch of <see cref="AppContext"/> that a program sets in which one thread at a time works with tensors, as <c>cobra</c> does. TorchSharp does not hold
    /// a number while an operation reads it, so a collection frees those of other threads' operations.
    /// </summary>
    internal const string Switch = "CobraAD.CollectAfterSteps";

    private readonly DisposeScope scope = NewDisposeScope();

    public StepScope()
    {
    }

    public void Dispose()
    {
        scope.Dispose();
        if (AppContext.TryGetSwitch(Switch, out bool isSet) && isSet) GC.Collect(0, GCCollectionMode.Forced, blocking: true);
    }
}
