using System.Text.Json;
using CobraAD.Server.Results;
using CobraAD.Server.Watching;
using Microsoft.Extensions.Logging.Abstractions;

namespace CobraAD.Server.Tests.Watching;

/// <summary>What a crash leaves behind after each step, and that the next start makes one record and one file of it.</summary>
public sealed class ResumedPartTests
{
    private static readonly DateTimeOffset SeenAt = new(2026, 11, 28, 9, 15, 33, 123, TimeSpan.Zero);

    /// <summary>The steps in their order; a crash can come after each.</summary>
    public enum Step
    {
        Begun,
        InDatabase,
        Scored,
        InCsv,
        InJsonLines,
        Recorded,
        Linked,
        Moved,
    }

    public static TheoryData<Step> Steps => [.. Enum.GetValues<Step>()];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_part_is_recorded_and_moved_once_wherever_the_crash_was(Step last)
    {
        using TemporaryFolder folder = new();
        await LeaveAsync(folder, last);

        await using (await WatchedFolder.StartAsync(folder, options => options with { Csv = folder.File("log.csv"), JsonLines = folder.File("log.jsonl") }, database: folder.File("results.db")))
        {
            WatchedFolder.Drop(folder, "next.png", TestPictures.Grey(0.2));
            await Eventually.HoldsAsync(() => !File.Exists(folder.File("in/next.png")) && !File.Exists(folder.File("in/part.png")));
        }

        Assert.Equal(["next.png", "part.png"], await WatchedFolder.NamesInDatabaseAsync(folder));
        Assert.Equal(["next.png", "part.png"], (await File.ReadAllLinesAsync(folder.File("log.csv"))).Skip(1).Select(row => row.Split(',')[1]).Order());
        Assert.Equal(["next.png", "part.png"], (await File.ReadAllLinesAsync(folder.File("log.jsonl"))).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("file").GetString()).Order());
        Assert.Equal(["next.png", "part.png"], Directory.EnumerateFiles(folder.File("in/normal")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Another_file_of_the_same_name_is_another_part()
    {
        using TemporaryFolder folder = new();
        await LeaveAsync(folder, Step.Moved);
        WatchedFolder.Drop(folder, "part.png", TestPictures.Grey(0.3));

        await using (await WatchedFolder.StartAsync(folder, options => options with { Csv = folder.File("log.csv"), JsonLines = folder.File("log.jsonl") }, database: folder.File("results.db")))
        {
            await Eventually.HoldsAsync(() => !File.Exists(folder.File("in/part.png")));
        }

        Assert.Equal(["part-2.png", "part.png"], Directory.EnumerateFiles(folder.File("in/normal")).Select(Path.GetFileName).Order());
        Assert.Equal(3, (await File.ReadAllLinesAsync(folder.File("log.csv"))).Length);
    }

    /// <summary>Does by hand what the watcher does up to a step.</summary>
    private static async Task LeaveAsync(TemporaryFolder folder, Step last)
    {
        Directory.CreateDirectory(folder.File("in"));
        byte[] image = TestPictures.Grey(0.2);
        WatchedFolder.Drop(folder, "part.png", image);
        FileInfo file = new(folder.File("in/part.png"));
        string sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(image));
        PartJournal journal = new(folder.File("in"), out _);
        OpenPart open = journal.Note(new OpenPart("key", "part.png", FileState.Of(file), sha256, SeenAt));
        PartResult result = new()
        {
            ScoredAt = SeenAt,
            Name = "part.png",
            Source = "watch",
            Score = 0.2,
            Calibrated = 0.1,
            Threshold = 0.5,
            IsAnomalous = false,
            NearestIndex = 7,
            Width = 8,
            Height = 8,
            ElapsedMilliseconds = 1.5,
            Model = "abc",
        };
        if (last >= Step.InDatabase)
        {
            (System.Data.Common.DbDataSource source, SqlDialect dialect) = SqlDialect.Open(folder.File("results.db"));
            await using SqlResultStore store = new(source, dialect, 0, NullLogger<SqlResultStore>.Instance);
            await store.PrepareAsync(default);
            result = await store.AddAsync(result, new StoredImages(null, null), "key");
        }

        WatchedPart part = new("part.png", SeenAt, result, null) { Sha256 = sha256 };
        if (last >= Step.Scored) open = journal.Note(open with { Part = part });
        if (last >= Step.InCsv)
        {
            await using CsvSink csv = new(folder.File("log.csv"), NullLogger<CsvSink>.Instance);
            await csv.WriteAsync(part, default);
        }

        if (last >= Step.InJsonLines)
        {
            await using JsonLinesSink lines = new(folder.File("log.jsonl"), NullLogger<JsonLinesSink>.Instance);
            await lines.WriteAsync(part, default);
        }

        if (last >= Step.Recorded) journal.Note(open with { IsRecorded = true });
        if (last >= Step.Linked)
        {
            Directory.CreateDirectory(folder.File("in/normal"));
            file.CopyTo(folder.File("in/normal/part.png"));
            File.SetLastWriteTimeUtc(folder.File("in/normal/part.png"), file.LastWriteTimeUtc);
        }

        if (last >= Step.Moved) file.Delete();
    }
}
