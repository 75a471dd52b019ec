using CobraAD.Cli.Terminal.Boards;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Training;

namespace CobraAD.Cli.Tests.Terminal;

public sealed class TrainingDisplayTests
{
    [Fact]
    public void What_is_left_is_judged_by_the_steps_of_this_session()
    {
        Clock clock = new();
        Board board = new();
        TrainingDisplay display = new(board, epochs: 4, clock: clock);

        // Resumed at step 40: the first step is slow and says nothing.
        clock.Seconds = 100;
        foreach (int done in (int[])[41, 42, 43])
        {
            Report(done);
            clock.Seconds += 5;
        }

        Assert.DoesNotContain("left", board.Remark, StringComparison.Ordinal);
        Report(44);
        Assert.EndsWith(", about 40 seconds left", board.Remark, StringComparison.Ordinal);
        clock.Seconds += 5;
        Report(52);
        Assert.DoesNotContain("left", board.Remark, StringComparison.Ordinal);

        void Report(int done) => display.Report(new TrainingProgress(TrainingPhase.Network, done, 52, 1, 0.5, null));
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(1000 * Seconds);
    }

    private sealed class Board : IProgressBoard, IProgressPart
    {
        public string Remark { get; private set; } = "";

        public IProgressPart Add(string title, double total) => this;

        public void Report(double done, string? remark = null) => Remark = remark ?? "";
    }
}
