using CobraAD.Server.Watching;
using Microsoft.Extensions.Logging.Abstractions;

namespace CobraAD.Server.Tests.Watching;

public sealed class LineLogTests
{
    private static readonly WatchedPart Part = new("next.png", DateTimeOffset.UnixEpoch, null, "no image");

    [Theory]
    [InlineData("2026-01-01T00:00:00,a.png,nor", false)]
    [InlineData("2026-01-01T00:00:00,a.png,refused,,,,,,,,,,\"damaged, for", false)]
    [InlineData("2026-01-01T00:00:00,a.png,refused,,,,,,,,,,dam", false)]
    [InlineData("2026-01-01T00:00:00,\"a,b", false)]
    [InlineData("2026-01-01T00:00:00,a.png,normal,1,2,3,4,5,6,7,8,abc,", true)]
    [InlineData("2026-01-01T00:00:00,\"a,b.png\",refused,,,,,,,,,,\"damaged, for ever\"", true)]
    public async Task A_torn_row_is_taken_back_and_a_whole_one_kept(string last, bool isWhole)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("log.csv");
        await using (CsvSink sink = new(path, NullLogger<CsvSink>.Instance)) await sink.WriteAsync(Part with { File = "first.png" }, default);
        string[] before = await File.ReadAllLinesAsync(path);
        await File.AppendAllTextAsync(path, last);

        await using (CsvSink sink = new(path, NullLogger<CsvSink>.Instance)) await sink.WriteAsync(Part, default);

        string[] after = await File.ReadAllLinesAsync(path);
        Assert.Equal(isWhole ? [.. before, last] : before, after[..^1]);
        Assert.Contains(",next.png,refused,", after[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"file\":\"a.p")]
    [InlineData("{\"file\":\"a.png\"}\0\0\0\0")]
    [InlineData("\0\0\0\0\0\0")]
    public async Task What_a_power_cut_leaves_of_a_line_of_json_does_not_spoil_the_next(string last)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("log.jsonl");
        await File.WriteAllTextAsync(path, "{\"file\":\"first.png\"}\n" + last);

        await using (JsonLinesSink sink = new(path, NullLogger<JsonLinesSink>.Instance)) await sink.WriteAsync(Part, default);

        Assert.All(await File.ReadAllLinesAsync(path), line => Assert.NotNull(System.Text.Json.Nodes.JsonNode.Parse(line)!["file"]));
        Assert.True(Part.IsIn((await File.ReadAllLinesAsync(path))[^1]));
    }

    [Theory]
    [InlineData("keep me")]
    [InlineData("seen_at,other\n1,2\n3")]
    [InlineData("{\"mine\":1}\n{\"x\":")]
    public async Task Of_a_file_that_is_no_log_nothing_is_taken_back(string content)
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder.File("notes"), content);

        IOException csv = Assert.Throws<IOException>(() => new CsvSink(folder.File("notes"), NullLogger<CsvSink>.Instance));
        IOException lines = Assert.Throws<IOException>(() => new JsonLinesSink(folder.File("notes"), NullLogger<JsonLinesSink>.Instance));

        Assert.All((IOException[])[csv, lines], refusal => Assert.Contains("is no log of cobra", refusal.Message, StringComparison.Ordinal));
        Assert.Equal(content, await File.ReadAllTextAsync(folder.File("notes")));
    }

    [Fact]
    public async Task A_torn_header_is_written_again()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder.File("log.csv"), "seen_at,fi");

        await using (CsvSink sink = new(folder.File("log.csv"), NullLogger<CsvSink>.Instance)) await sink.WriteAsync(Part, default);

        string[] rows = await File.ReadAllLinesAsync(folder.File("log.csv"));
        Assert.StartsWith("seen_at,file,decision,", rows[0], StringComparison.Ordinal);
        Assert.Contains(",next.png,refused,", Assert.Single(rows[1..]), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_one_process_appends_to_a_log()
    {
        using TemporaryFolder folder = new();
        using LineLog log = LineLog.Open(folder.File("log"), "", "", _ => false);

        IOException refusal = Assert.Throws<IOException>(() => LineLog.Open(folder.File("log"), "", "", _ => false));

        Assert.Contains("being written by another process", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_was_moved_away_is_begun_anew()
    {
        using TemporaryFolder folder = new();
        using (LineLog log = LineLog.Open(folder.File("log"), "header", "header", _ => false))
        {
            log.Append("one");
            File.Move(folder.File("log"), folder.File("log.1"));
            log.Append("two");
            log.Append("three");
        }

        Assert.Equal(["header", "one"], await File.ReadAllLinesAsync(folder.File("log.1")));
        Assert.Equal(["header", "two", "three"], await File.ReadAllLinesAsync(folder.File("log")));
    }
}
