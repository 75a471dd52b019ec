using System.Globalization;
using CobraAD.Cli.Values;

namespace CobraAD.Cli.Terminal.Boards;

/// <summary>Plain lines for logs: the first and the last report of a part, and one about every ten seconds between them.</summary>
internal sealed class LineBoard(TextWriter writer, TimeProvider time) : IProgressBoard
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public IProgressPart Add(string title, double total) => new Part(title, total, writer, time);

    private sealed class Part(string title, double total, TextWriter writer, TimeProvider time) : IProgressPart
    {
        private readonly long started = time.GetTimestamp();
        private TimeSpan? next;
        private bool hasFinished;

        public void Report(double done, string? remark = null)
        {
            TimeSpan elapsed = time.GetElapsedTime(started);
            bool finishes = done >= total && !hasFinished;
            if (!finishes && elapsed < next) return;
            next = elapsed + Interval;

            // A part that goes through its units again, as an attack with restarts does, cannot know what is left.
            string clock = hasFinished ? $"again, {Duration.OnAClock(elapsed)} so far" : finishes ? $"in {Duration.OnAClock(elapsed)}" : done > 0 ? $"{Duration.OnAClock(elapsed * ((total - done) / done))} left" : "started";
            string figures = remark is null ? "" : $": {remark}";
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title} {Math.Floor(100 * done / total)} %, {clock}{figures}"));
            hasFinished |= finishes;
        }
    }
}
