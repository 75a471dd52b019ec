namespace CobraAD.Benchmarks.Macro;

/// <summary>Something to time.</summary>
/// <param name="Name">What it is called in the table and by <c>--filter</c>.</param>
/// <param name="Body">Runs it once and leaves no tensors behind.</param>
/// <param name="Work">Floating-point operations of one run, a multiplication and an addition counted apart; 0 when they are not the point.</param>
/// <param name="Repetitions">Runs of one sample, so that short ones can be timed.</param>
internal sealed record Workload(string Name, Action Body, double Work = 0, int Repetitions = 1)
{
    public Sample Time() => Sample.Of(() =>
    {
        for (int i = 0; i < Repetitions; i++) Body();
    }) / Repetitions;
}
