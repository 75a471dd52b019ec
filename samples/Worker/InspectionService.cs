using CobraAD.Runtime;

namespace Worker;

/// <summary>Scores every image of a folder, several at a time, and logs those that a person should look at.</summary>
internal sealed partial class InspectionService(RobustDetector detector, IConfiguration configuration, IHostApplicationLifetime lifetime, ILogger<InspectionService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IEnumerable<string> files = Directory.EnumerateFiles(configuration["Folder"] ?? ".", "*.png").Order();
        ParallelScoringOptions parallel = new() { OnRejected = rejected => LogRejected(rejected.Message) };
        int count = 0;
        await foreach (ScoreResult result in detector.ScoreAsync(files, parallel, stoppingToken))
        {
            count++;
            if (result.IsAnomalous) LogAnomalous(result.Source!, result.Score, result.Threshold);
            else if (result.RobustMargin < 1) LogNearEdge(result.Source!, result.Score, result.Threshold);
        }

        LogDone(count, detector.Latency.P50.TotalMilliseconds, detector.Latency.P99.TotalMilliseconds);
        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} is anomalous: score {Score}, threshold {Threshold}")]
    private partial void LogAnomalous(string file, double score, double threshold);

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} is near the edge: score {Score}, threshold {Threshold}")]
    private partial void LogNearEdge(string file, double score, double threshold);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}")]
    private partial void LogRejected(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} images; half took at most {Median} ms, 99 % at most {Slow} ms")]
    private partial void LogDone(int count, double median, double slow);
}
