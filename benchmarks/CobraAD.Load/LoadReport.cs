using System.Globalization;

namespace CobraAD.Load;

/// <summary>What came of it.</summary>
/// <param name="Latencies">Of each request that was answered well, ascending.</param>
/// <param name="Failures">Requests that were not.</param>
/// <param name="FirstFailure">What the first of them was.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Memory">The service's resident memory, in bytes, at regular times.</param>
/// <param name="SwapTime">How long the swap of the model took.</param>
/// <param name="Models">Models that answered.</param>
internal sealed record LoadReport(IReadOnlyList<TimeSpan> Latencies, int Failures, string? FirstFailure, TimeSpan Elapsed, IReadOnlyList<long> Memory, TimeSpan? SwapTime, int Models)
{
    public override string ToString()
    {
        List<string> lines =
        [
            Invariant($"requests    {Latencies.Count} in {Elapsed.TotalSeconds:0.0} s, {Failures} failed{(FirstFailure is null ? "" : $" (first: {FirstFailure})")}"),
            Invariant($"throughput  {Latencies.Count / Elapsed.TotalSeconds:0.0} images/s"),
            Invariant($"latency     p50 {At(0.5):0.0} ms, p95 {At(0.95):0.0} ms, p99 {At(0.99):0.0} ms, max {At(1):0.0} ms"),
        ];
        if (SwapTime is { } swap) lines.Add(Invariant($"swap        {swap.TotalMilliseconds:0} ms, {Models} models answered"));
        if (Memory.Count > 0) lines.Add(Invariant($"memory      {string.Join(", ", Memory.Select(bytes => (bytes >> 20).ToString(CultureInfo.InvariantCulture)))} MiB resident, every tenth of the time"));
        return string.Join(Environment.NewLine, lines);
    }

    private double At(double share) => Latencies.Count == 0 ? double.NaN : Latencies[Math.Max(0, (int)Math.Ceiling(share * Latencies.Count) - 1)].TotalMilliseconds;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
