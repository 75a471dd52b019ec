using CobraAD.Cli.Terminal.Boards;

namespace CobraAD.Cli.Tests.Terminal.Boards;

public sealed class LineBoardTests
{
    [Fact]
    public void A_log_gets_the_first_the_last_and_every_tenth_second()
    {
        using StringWriter writer = new() { NewLine = "\n" };
        Clock clock = new();
        IProgressPart part = new LineBoard(writer, clock).Add("training", 100);

        for (int done = 0; done <= 100; done++)
        {
            part.Report(done, $"loss {100 - done}");
            clock.Seconds += 0.4;
        }

        part.Report(100, "again");

        string[] lines = writer.ToString().TrimEnd().Split('\n');
        Assert.Equal(
            [
                "training 0 %, started: loss 100",
                "training 25 %, 0:30 left: loss 75",
                "training 50 %, 0:20 left: loss 50",
                "training 75 %, 0:10 left: loss 25",
                "training 100 %, in 0:40: loss 0",
            ],
            lines);
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)Math.Round(Seconds * 1000);
    }
}
