using System.Diagnostics;

namespace CobraAD.Benchmarks.Macro;

/// <summary>
/// What one run of something took. Processor time of the whole process is what counts on a machine with other work: it does not
/// grow while others hold the cores, as long as idle threads sleep (GOMP_SPINCOUNT=0).
/// </summary>
internal readonly record struct Sample(double WallSeconds, double ProcessorSeconds)
{
    public static Sample Of(Action action)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        action();
        double wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Sample(wall, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    public static Sample operator /(Sample sample, int repetitions) => new(sample.WallSeconds / repetitions, sample.ProcessorSeconds / repetitions);
}
