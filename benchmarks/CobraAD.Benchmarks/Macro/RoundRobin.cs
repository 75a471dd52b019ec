namespace CobraAD.Benchmarks.Macro;

/// <summary>Times workloads in turns, one sample of each in every round: a machine that gets busy slows all of them.</summary>
internal sealed class RoundRobin(IReadOnlyList<Workload> workloads, int rounds, TextWriter log)
{
    private readonly Dictionary<string, Sample[]> samples = [];

    public void Run()
    {
        foreach (Workload workload in workloads)
        {
            workload.Body();
            samples[workload.Name] = new Sample[rounds];
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach (Workload workload in workloads) samples[workload.Name][round] = workload.Time();
            log.WriteLine($"round {round + 1} of {rounds}, load {File.ReadAllText("/proc/loadavg").Trim()}");
        }
    }

    public Series Wall(string name) => new([.. samples[name].Select(sample => sample.WallSeconds)]);

    public Series Processor(string name) => new([.. samples[name].Select(sample => sample.ProcessorSeconds)]);
}
