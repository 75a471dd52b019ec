using CobraAD.Detection.Cobra;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Macro;

/// <summary>
/// The nearest entry of a bank, for banks of growing size, beside a plain copy of the same bytes. A search for one query can do no
/// better than read the bank once; a copy reads it and writes it.
/// </summary>
internal sealed class BankBenchmark(IReadOnlyList<long> sizes, int rounds, TextWriter output, TextWriter log)
{
    private const int Dimension = 128;
    private static readonly int[] QueryCounts = [1, 16];

    public void Run()
    {
        output.WriteLine("| entries | copy, GB/s read and written | storage | queries | processor ms | ns for each entry | GB/s of the bank read | of the copy's |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (long size in sizes) Run(size);
    }

    private void Run(long size)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        Tensor entries = randn([size, Dimension], generator: rng), target = empty_like(entries);
        using EmbeddingBank full = new(entries.alias()), half = new(entries.alias(), halfPrecision: true);
        int repetitions = (int)Math.Max(1, 2_000_000 / size);
        List<Workload> workloads = [new("copy", () => target.copy_(entries), Repetitions: repetitions)];
        foreach (int queries in QueryCounts)
        {
            Tensor query = randn([queries, Dimension], generator: rng);
            workloads.Add(new($"float32 | {queries}", () => full.MostSimilar(query, 1).Dispose(), size * Dimension * 4, repetitions));
            workloads.Add(new($"float16 | {queries}", () => half.MostSimilar(query, 1).Dispose(), size * Dimension * 2, repetitions));
        }

        RoundRobin turns = new(workloads, rounds, log);
        turns.Run();
        Series copy = turns.Processor("copy");
        double copied = 2.0 * size * Dimension * 4 / 1e9;
        foreach (Workload workload in workloads.Skip(1))
        {
            Series time = turns.Processor(workload.Name);
            output.WriteLine(
                $"| {size:N0} | {copied / copy.Median:F1} | {workload.Name} | {time.Median * 1e3:F2} | {time.Median * 1e9 / size:F2} | {workload.Work / 1e9 / time.Median:F1} | {(workload.Work / 1e9 / copied) * (copy / time).Median:P0} |");
        }
    }
}
