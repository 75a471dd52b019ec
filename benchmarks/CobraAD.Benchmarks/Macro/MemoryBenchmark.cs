using System.Diagnostics;
using TorchSharp;

namespace CobraAD.Benchmarks.Macro;

/// <summary>How much the process takes and how it grows while it trains. A leak of one tensor a step shows; caches fill in the first steps.</summary>
internal sealed class MemoryBenchmark(SceneOptions options, int steps, TextWriter output)
{
    private const int FirstStep = 20;
    private const double AllowedMegabytes = 50;

    /// <returns>Whether the growth is within what is allowed; fewer than 20 steps show the peak only.</returns>
    public bool Run()
    {
        using Scene scene = new(options);
        double first = 0;
        long tensorsAtFirst = 0;
        for (int step = 1; step <= steps; step++)
        {
            scene.Step.Run(scene.Normals, scene.Attack, 1e-3, 0, step);
            if (step == FirstStep)
            {
                first = Resident();
                tensorsAtFirst = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
            }

            if (step % 20 == 0) output.WriteLine($"step {step}: {Resident():F1} MB resident");
        }

        using (Process process = Process.GetCurrentProcess()) output.WriteLine($"peak: {process.PeakWorkingSet64 / 1048576.0:F1} MB resident");
        if (steps < FirstStep) return true;
        double growth = Resident() - first;
        long tensors = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount - tensorsAtFirst;
        output.WriteLine($"growth from step {FirstStep} to step {steps}: {growth:F1} MB (allowed: {AllowedMegabytes}), {tensors} live tensors");
        return growth < AllowedMegabytes;
    }

    private static double Resident() => Environment.WorkingSet / 1048576.0;
}
