using CobraAD.Methods.Cobra.Bank;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Macro;

/// <summary>
/// The nearest entry of a bank, for banks of growing size, beside a plain copy. A search for one query can do no better than read the
/// bank once; a copy reads it and writes it. Both are given in bytes moved: a search's are the bank's, a copy's twice the bank's. With a
/// folder, banks are written there and searched in their files.
/// </summary>
internal sealed class BankBenchmark(IReadOnlyList<long> sizes, int rounds, string? folder, TextWriter output, TextWriter log)
{
    private const int Dimension = 128;
    private const long BlockRows = 100_000;
    private const long MostCopiedRows = 1_000_000;
    private static readonly int[] QueryCounts = [1, 16];

    public void Run()
    {
        output.WriteLine("| entries | copy, GB/s read and written | storage | queries | processor ms (least-most) | wall ms | ns for each entry | GB/s of the bank read | of the copy's |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (long size in sizes) Run(size);
    }

    private void Run(long size)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        string? path = folder is null ? null : Path.Combine(folder, $"bank-{Guid.NewGuid():N}.safetensors");
        try
        {
            List<(string Name, int Bytes, EmbeddingBank Bank)> banks = [];
            if (path is null)
            {
                Tensor entries = randn([size, Dimension], generator: rng);
                banks.Add(("float32", 4, new EmbeddingBank(entries.alias())));
                banks.Add(("16 bits", 2, new EmbeddingBank(entries.alias(), halfPrecision: true)));
            }
            else
            {
                EmbeddingBank.Write(path, size, Dimension, Blocks(size, rng));
                banks.Add(("float32, mapped file", 4, EmbeddingBank.Open(path)));
            }

            Measure(size, banks, rng);
            foreach ((_, _, EmbeddingBank bank) in banks) bank.Dispose();
        }
        finally
        {
            if (path is not null) File.Delete(path);
        }
    }

    private void Measure(long size, IReadOnlyList<(string Name, int Bytes, EmbeddingBank Bank)> banks, Generator rng)
    {
        int repetitions = (int)Math.Max(1, 2_000_000 / size);
        Tensor source = rand(Math.Min(size, MostCopiedRows), Dimension), target = empty_like(source);
        List<Workload> workloads = [new("copy", () => target.copy_(source), 2.0 * source.numel() * sizeof(float), repetitions)];
        foreach (int queries in QueryCounts)
        {
            Tensor query = randn([queries, Dimension], generator: rng);
            foreach ((string name, int bytes, EmbeddingBank bank) in banks)
                workloads.Add(new($"{name} | {queries}", () => bank.MostSimilar(query, 1).Dispose(), size * Dimension * bytes, repetitions));
        }

        RoundRobin turns = new(workloads, rounds, log);
        turns.Run();
        Series copied = workloads[0].Work / 1e9 / turns.Processor("copy");
        foreach (Workload workload in workloads.Skip(1))
        {
            Series time = turns.Processor(workload.Name), read = workload.Work / 1e9 / time;
            output.WriteLine(
                $"| {size:N0} | {copied.Median:F1} | {workload.Name} | {1e3 * time.Median:F2} ({1e3 * time.Least:F2}-{1e3 * time.Most:F2}) | {turns.Wall(workload.Name).Median * 1e3:F2} | {time.Median * 1e9 / size:F2} | {read.Median:F1} | {(read / copied).Median:P0} |");
        }
    }

    private static IEnumerable<Tensor> Blocks(long size, Generator rng)
    {
        for (long start = 0; start < size; start += BlockRows) yield return randn([Math.Min(BlockRows, size - start), Dimension], generator: rng);
    }
}
