using System.Globalization;

namespace CobraAD.Benchmarks.Macro;

/// <summary>
/// Times one workload for each line of input, its name, and answers with its processor and wall seconds: how another program, such
/// as the comparison with PyTorch, takes turns with this one.
/// </summary>
internal sealed class TurnsOnRequest(SceneOptions options, TextReader input, TextWriter output)
{
    public void Run()
    {
        using Workbench bench = new(options);
        output.WriteLine("ready");
        while (input.ReadLine() is { } name)
        {
            Sample sample = bench.Workloads.Single(workload => workload.Name == name).Time();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sample.ProcessorSeconds:F6} {sample.WallSeconds:F6}"));
        }
    }
}
