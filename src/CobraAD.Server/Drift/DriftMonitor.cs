using CobraAD.Runtime;
using CobraAD.Server.Results;

namespace CobraAD.Server.Drift;

/// <summary>
/// Watches whether good parts still score as they did. Both samples hold only scores up to the threshold, so that a run of real defects
/// does not count as drift; a change that lifts good parts over the threshold shows in <see cref="DriftReport.AnomalousShare"/>.
/// </summary>
/// <param name="window">Good parts in the recent sample.</param>
internal sealed class DriftMonitor(int window)
{
    // Looked at after every part, so the alarm must be rare when nothing happens.
    private const double AlarmLevel = 0.001;
    private const double WatchLevel = 0.01;

    private readonly Lock gate = new();
    private readonly Queue<double> recent = new();
    private readonly Queue<bool> decisions = new();
    private readonly List<double> reference = [];
    private string model = "";
    private bool isCalibrated;
    private double scale = 1;
    private double falseAlarmRate;

    /// <summary>Begins anew with another model.</summary>
    /// <param name="info">The model.</param>
    /// <param name="threshold">The raw score above which it calls a part anomalous.</param>
    public void Reset(ModelInfo info, double threshold)
    {
        lock (gate)
        {
            recent.Clear();
            decisions.Clear();
            reference.Clear();
            model = info.FileHash;
            scale = info.Scale;
            falseAlarmRate = info.FalseAlarmRate;
            reference.AddRange(info.CalibrationScores.Where(score => score <= threshold));
            // A handful of scores is no distribution; then the first good parts serve.
            isCalibrated = reference.Count >= 20;
            if (!isCalibrated) reference.Clear();
        }
    }

    /// <summary>Takes notice of a result; one of another model is ignored.</summary>
    /// <param name="result">The result.</param>
    public void Add(PartResult result)
    {
        lock (gate)
        {
            if (result.Model != model) return;
            decisions.Enqueue(result.IsAnomalous);
            if (decisions.Count > window) decisions.Dequeue();
            if (result.IsAnomalous) return;
            if (!isCalibrated && reference.Count < window)
            {
                reference.Add(result.Score);
                return;
            }

            recent.Enqueue(result.Score);
            if (recent.Count > window) recent.Dequeue();
        }
    }

    /// <summary>Compares the two samples.</summary>
    public DriftReport Report()
    {
        double[] old;
        double[] now;
        DriftReport report;
        lock (gate)
        {
            old = [.. reference];
            now = [.. recent];
            report = new DriftReport
            {
                Status = DriftStatus.Collecting,
                Reference = isCalibrated ? "calibration" : "first parts",
                ReferenceCount = old.Length,
                RecentCount = now.Length,
                Needed = window,
                AnomalousShare = decisions.Count > 0 ? decisions.Count(anomalous => anomalous) / (double)decisions.Count : null,
                FalseAlarmRate = falseAlarmRate,
            };
        }

        if (now.Length < window) return report;
        Array.Sort(old);
        Array.Sort(now);
        (double distance, double probability) = KolmogorovSmirnov.Compare(old, now);
        return report with
        {
            Status = probability < AlarmLevel ? DriftStatus.Drifting : probability < WatchLevel ? DriftStatus.Watch : DriftStatus.Steady,
            Distance = distance,
            PValue = probability,
            Shift = (now[now.Length / 2] - old[old.Length / 2]) / scale,
        };
    }
}
