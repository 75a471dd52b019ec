using TorchSharp;

namespace CobraAD.Benchmarks.Macro;

/// <summary>How much the process grows while it trains. A leak of one tensor a step shows; caches fill in the first steps.</summary>
internal sealed class MemoryBenchmark(SceneOptions options, int steps, TextWriter output)
{
    private const int FirstStep = 20;
    private const double AllowedMegabytes = 50;

    /// <returns>Whether the growth is within what is allowed.</returns>
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

        double growth = Resident() - first;
        long tensors = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount - tensorsAtFirst;
        output.WriteLine($"growth from step {FirstStep} to step {steps}: {growth:F1} MB (allowed: {AllowedMegabytes}), {tensors} live tensors");
        return growth < AllowedMegabytes;
    }

    private static double Resident() => Environment.WorkingSet / 1048576.0;
}
