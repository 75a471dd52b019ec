using CobraAD.Runtime.Images;

namespace CobraAD.Runtime.Tests;

public sealed class OrderedScoringTests : DetectorTests
{
    [Fact]
    public async Task Many_files_are_scored_in_parallel_and_come_in_order()
    {
        string[] paths = [.. Enumerable.Range(0, 40).Select(i => Model.In($"{i}.png"))];
        for (int i = 0; i < paths.Length; i++) File.WriteAllBytes(paths[i], TestPicture.Plain((byte)i, 0, 0));

        List<string?> sources = [];
        await foreach (ScoreResult result in Detector.ScoreAsync(paths, new ParallelScoringOptions { MaxParallelism = 5 })) sources.Add(result.Source);

        Assert.Equal(paths, sources);
    }

    [Fact]
    public async Task Files_are_taken_no_further_ahead_than_the_parallelism()
    {
        string path = Model.In("a.png");
        File.WriteAllBytes(path, TestPicture.Plain(1, 1, 1));
        int taken = 0;

        await foreach (ScoreResult _ in Detector.ScoreAsync(Endless(), new ParallelScoringOptions { MaxParallelism = 3 }))
        {
            Assert.InRange(taken, 1, 4);
            break;
        }

        IEnumerable<string> Endless()
        {
            while (true)
            {
                taken++;
                yield return path;
            }
        }
    }

    [Fact]
    public async Task Cancellation_ends_the_enumeration()
    {
        string path = Model.In("a.png");
        await File.WriteAllBytesAsync(path, TestPicture.Plain(1, 1, 1));
        using CancellationTokenSource cancellation = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ScoreResult _ in Detector.ScoreAsync(Enumerable.Repeat(path, 1000), cancellation: cancellation.Token)) await cancellation.CancelAsync();
        });
    }

    [Fact]
    public async Task A_bad_file_ends_the_enumeration_or_is_reported_and_left_out()
    {
        string good = Model.In("good.png");
        string bad = Model.In("bad.png");
        await File.WriteAllBytesAsync(good, TestPicture.Plain(1, 1, 1));
        await File.WriteAllBytesAsync(bad, [1, 2, 3]);
        List<ImageRejectedException> rejected = [];

        List<ScoreResult> results = [];
        await foreach (ScoreResult result in Detector.ScoreAsync([good, bad, good], new ParallelScoringOptions { OnRejected = rejected.Add })) results.Add(result);

        Assert.Equal(2, results.Count);
        Assert.Equal(bad, Assert.Single(rejected).ImageSource);
        await Assert.ThrowsAsync<ImageRejectedException>(async () =>
        {
            await foreach (ScoreResult _ in Detector.ScoreAsync([good, bad, good]))
            {
            }
        });
    }

    [Fact]
    public void Fewer_than_one_at_a_time_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>("MaxParallelism", () => Detector.ScoreAsync([], new ParallelScoringOptions { MaxParallelism = 0 }));
}
