using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CobraAD.Server.Watching;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet.Server;

namespace CobraAD.Server.Tests.Watching;

public sealed class FolderWatcherTests
{
    [Fact]
    public async Task Arriving_files_are_scored_logged_and_moved()
    {
        using TemporaryFolder folder = new();
        await using (await WatchedFolder.StartAsync(folder, options => options with { Csv = folder.File("log/results.csv"), JsonLines = folder.File("log/results.jsonl") }))
        {
            WatchedFolder.Drop(folder, "good.png", TestPictures.Grey(0.2));
            WatchedFolder.Drop(folder, "bad.png", TestPictures.Grey(0.9));
            WatchedFolder.Drop(folder, "broken.png", [1, 2, 3]);
            WatchedFolder.Drop(folder, "notes.txt", [1]);
            await Eventually.HoldsAsync(() => Directory.Exists(folder.File("in/refused")) && Directory.EnumerateFiles(folder.File("in")).Count(path => !Path.GetFileName(path).StartsWith('.')) == 1);
        }

        Assert.True(File.Exists(folder.File("in/normal/good.png")));
        Assert.True(File.Exists(folder.File("in/anomalous/bad.png")));
        Assert.True(File.Exists(folder.File("in/refused/broken.png")));
        Assert.True(File.Exists(folder.File("in/notes.txt")));
        string[] rows = await File.ReadAllLinesAsync(folder.File("log/results.csv"));
        Assert.StartsWith("seen_at,file,decision,score", rows[0], StringComparison.Ordinal);
        Assert.Equal(["anomalous", "normal", "refused"], rows.Skip(1).Select(row => row.Split(',')[2]).Order());
        JsonElement[] lines = [.. (await File.ReadAllLinesAsync(folder.File("log/results.jsonl"))).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(3, lines.Length);
        Assert.Equal(0.9, lines.Single(line => line.GetProperty("file").GetString() == "bad.png").GetProperty("result").GetProperty("score").GetDouble(), 0.01);
    }

    [Fact]
    public async Task A_file_that_is_still_being_written_is_left_until_it_is_complete()
    {
        using TemporaryFolder folder = new();
        byte[] image = TestPictures.Grey(0.2, SkiaSharp.SKEncodedImageFormat.Png, 300, 300);
        await using (await WatchedFolder.StartAsync(folder, options => options with { Settle = TimeSpan.FromSeconds(2) }))
        {
            await using (FileStream slow = new(folder.File("in/slow.png"), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))
            {
                foreach (byte[] piece in image.Chunk(image.Length / 8 + 1))
                {
                    await slow.WriteAsync(piece);
                    await slow.FlushAsync();
                    await Task.Delay(300);
                }
            }

            await Eventually.HoldsAsync(() => !File.Exists(folder.File("in/slow.png")));
        }

        Assert.Equal(image, await File.ReadAllBytesAsync(folder.File("in/normal/slow.png")));
    }

    [Fact]
    public async Task A_tagged_file_stays_and_is_not_scored_again_after_a_restart()
    {
        using TemporaryFolder folder = new();
        CollectingSink sink = new();
        await using (await WatchedFolder.StartAsync(folder, options => options with { Then = WatchAction.Tag }, sink))
        {
            WatchedFolder.Drop(folder, "part.png", TestPictures.Grey(0.9));
            await Eventually.HoldsAsync(() => File.Exists(folder.File("in/part.png.cobra.json")));
        }

        await using (await WatchedFolder.StartAsync(folder, options => options with { Then = WatchAction.Tag }, sink)) await Task.Delay(700);

        Assert.True(File.Exists(folder.File("in/part.png")));
        Assert.Equal("anomalous", JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("in/part.png.cobra.json"))).RootElement.GetProperty("decision").GetString());
        Assert.Single(sink.Parts);
    }

    [Fact]
    public async Task A_second_file_of_the_same_name_does_not_overwrite_the_first()
    {
        using TemporaryFolder folder = new();
        await using (await WatchedFolder.StartAsync(folder))
        {
            WatchedFolder.Drop(folder, "part.png", TestPictures.Grey(0.2));
            await Eventually.HoldsAsync(() => File.Exists(folder.File("in/normal/part.png")));
            WatchedFolder.Drop(folder, "part.png", TestPictures.Grey(0.3));
            await Eventually.HoldsAsync(() => File.Exists(folder.File("in/normal/part-2.png")));
        }

        Assert.NotEqual(await File.ReadAllBytesAsync(folder.File("in/normal/part.png")), await File.ReadAllBytesAsync(folder.File("in/normal/part-2.png")));
    }

    [Fact]
    public async Task A_link_out_of_the_folder_is_not_followed()
    {
        using TemporaryFolder folder = new();
        CollectingSink sink = new();
        await File.WriteAllBytesAsync(folder.File("outside.png"), TestPictures.Grey(0.2));
        await using (await WatchedFolder.StartAsync(folder, sink: sink))
        {
            File.CreateSymbolicLink(folder.File("in/link.png"), folder.File("outside.png"));
            await Task.Delay(700);
        }

        Assert.Empty(sink.Parts);
        Assert.True(File.Exists(folder.File("outside.png")));
    }

    [Fact]
    public async Task A_part_that_cannot_be_moved_is_recorded_once_and_moved_when_it_can_be()
    {
        using TemporaryFolder folder = new();
        CollectingSink sink = new();
        Directory.CreateDirectory(folder.File("in"));
        await File.WriteAllTextAsync(folder.File("in/normal"), "a file where a folder must be");
        await using (await WatchedFolder.StartAsync(folder, options => options with { Csv = folder.File("log.csv"), JsonLines = folder.File("log.jsonl") }, sink, folder.File("results.db")))
        {
            WatchedFolder.Drop(folder, "part.png", TestPictures.Grey(0.2));
            WatchedFolder.Drop(folder, "other.png", TestPictures.Grey(0.9));
            await Eventually.HoldsAsync(() => File.Exists(folder.File("in/anomalous/other.png")));
            await Task.Delay(1500);
            File.Delete(folder.File("in/normal"));
            await Eventually.HoldsAsync(() => File.Exists(folder.File("in/normal/part.png")));
        }

        Assert.Equal(["other.png", "part.png"], sink.Parts.Select(part => part.File).Order());
        Assert.Equal(["other.png", "part.png"], await WatchedFolder.NamesInDatabaseAsync(folder));
        Assert.Equal(3, (await File.ReadAllLinesAsync(folder.File("log.csv"))).Length);
        Assert.Equal(2, (await File.ReadAllLinesAsync(folder.File("log.jsonl"))).Length);
    }

    [SkippableFact]
    public async Task A_part_gets_to_another_file_system_whole_with_its_time()
    {
        const string memory = "/dev/shm";
        Skip.IfNot(Directory.Exists(memory), $"There is no {memory}.");
        using TemporaryFolder folder = new();
        string into = Path.Combine(memory, $"cobra-{Guid.NewGuid():N}");
        byte[] image = TestPictures.Grey(0.2);
        try
        {
            await using (await WatchedFolder.StartAsync(folder, options => options with { Into = into }))
            {
                WatchedFolder.Drop(folder, "part.png", image);
                File.SetLastWriteTimeUtc(folder.File("in/part.png"), DateTime.UnixEpoch);
                await Eventually.HoldsAsync(() => !File.Exists(folder.File("in/part.png")));
            }

            Assert.Equal([Path.Combine(into, "normal/part.png")], Directory.EnumerateFiles(into, "*", SearchOption.AllDirectories));
            Assert.Equal(image, await File.ReadAllBytesAsync(Path.Combine(into, "normal/part.png")));
            Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(Path.Combine(into, "normal/part.png")));
        }
        finally
        {
            Directory.Delete(into, recursive: true);
        }
    }

    [Fact]
    public async Task A_replaced_file_is_scored_again_whatever_its_time()
    {
        using TemporaryFolder folder = new();
        CollectingSink sink = new();
        await using (await WatchedFolder.StartAsync(folder, options => options with { Then = WatchAction.Tag }, sink))
        {
            WatchedFolder.Drop(folder, "part.png", TestPictures.Grey(0.2));
            await Eventually.HoldsAsync(() => sink.Parts.Count == 1 && File.Exists(folder.File("in/part.png.cobra.json")));
            Replace("part.png", TestPictures.Grey(0.9), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            await Eventually.HoldsAsync(() => sink.Parts.Count == 2);
        }

        Replace("part.png", TestPictures.Grey(0.3), new DateTime(2019, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await using (await WatchedFolder.StartAsync(folder, options => options with { Then = WatchAction.Tag }, sink)) await Eventually.HoldsAsync(() => sink.Parts.Count == 3);

        // The same content under another time is the same part.
        File.SetLastWriteTimeUtc(folder.File("in/part.png"), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await using (await WatchedFolder.StartAsync(folder, options => options with { Then = WatchAction.Tag }, sink)) await Task.Delay(1000);
        Assert.Equal(["normal", "anomalous", "normal"], sink.Parts.Select(part => part.Decision));

        void Replace(string name, byte[] content, DateTime written)
        {
            File.WriteAllBytes(folder.File("new"), content);
            File.SetLastWriteTimeUtc(folder.File("new"), written);
            File.Move(folder.File("new"), folder.File("in/" + name), overwrite: true);
        }
    }

    [Fact]
    public async Task Hidden_files_are_no_parts()
    {
        using TemporaryFolder folder = new();
        CollectingSink sink = new();
        await using (await WatchedFolder.StartAsync(folder, sink: sink))
        {
            WatchedFolder.Drop(folder, "._ok.jpg", TestPictures.Grey(0.2));
            WatchedFolder.Drop(folder, ".hidden.png", TestPictures.Grey(0.2));
            WatchedFolder.Drop(folder, "ok.png", TestPictures.Grey(0.2));
            await Eventually.HoldsAsync(() => File.Exists(folder.File("in/normal/ok.png")));
            await Task.Delay(500);
        }

        Assert.Equal("ok.png", Assert.Single(sink.Parts).File);
    }

    [Fact]
    public async Task A_folder_that_is_away_for_a_while_is_watched_again()
    {
        using TemporaryFolder folder = new();
        CollectingSink sink = new();
        await using (await WatchedFolder.StartAsync(folder, sink: sink))
        {
            Directory.Move(folder.File("in"), folder.File("away"));
            await Task.Delay(1000);
            Directory.Move(folder.File("away"), folder.File("in"));
            WatchedFolder.Drop(folder, "part.png", TestPictures.Grey(0.2));
            await Eventually.HoldsAsync(() => sink.Parts.Count == 1);
        }
    }

    [Fact]
    public async Task A_failing_sink_delays_the_parts_and_loses_none()
    {
        using TemporaryFolder folder = new();
        CollectingSink sink = new() { Failures = 3 };
        await using (await WatchedFolder.StartAsync(folder, options => options with { Csv = folder.File("log.csv") }, sink))
        {
            for (int i = 0; i < 5; i++) WatchedFolder.Drop(folder, $"part{i}.png", TestPictures.Grey(0.2));
            await Eventually.HoldsAsync(() => Directory.Exists(folder.File("in/normal")) && Directory.EnumerateFiles(folder.File("in/normal")).Count() == 5);
        }

        Assert.Equal(5, sink.Parts.Select(part => part.File).Distinct().Count());
        Assert.Equal(5, sink.Parts.Count);
        Assert.Equal(6, (await File.ReadAllLinesAsync(folder.File("log.csv"))).Length);
    }

    [Fact]
    public async Task A_second_watcher_of_a_folder_is_refused()
    {
        using TemporaryFolder folder = new();
        await using WatchedFolder first = await WatchedFolder.StartAsync(folder);

        IOException refusal = await Assert.ThrowsAsync<IOException>(() => WatchedFolder.StartAsync(folder));

        Assert.Contains("being watched by another process", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_in_place_of_a_tag_is_replaced_and_not_followed()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("in"));
        await File.WriteAllTextAsync(folder.File("outside"), "untouched");
        foreach (string name in (string[])["part.png.cobra.json", "part.png.cobra.json.tmp", PartJournal.FileName]) File.CreateSymbolicLink(folder.File("in/" + name), folder.File("outside"));
        await using (await WatchedFolder.StartAsync(folder, options => options with { Then = WatchAction.Tag }))
        {
            WatchedFolder.Drop(folder, "part.png", TestPictures.Grey(0.9));
            await Eventually.HoldsAsync(() => new FileInfo(folder.File("in/part.png.cobra.json")) is { Exists: true, LinkTarget: null });
        }

        Assert.Equal("untouched", await File.ReadAllTextAsync(folder.File("outside")));
    }

    [Fact]
    public async Task Results_are_published_even_when_the_broker_comes_later()
    {
        using TemporaryFolder folder = new();
        int port = FreePort();
        ConcurrentQueue<(string Topic, string Payload)> published = new();
        await using (await WatchedFolder.StartAsync(folder, options => options with { Mqtt = $"127.0.0.1:{port}/line1/bottle" }))
        {
            WatchedFolder.Drop(folder, "bad.png", TestPictures.Grey(0.9));
            await Eventually.HoldsAsync(() => File.Exists(folder.File("in/anomalous/bad.png")));
            using MqttServer broker = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointPort(port).WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.IPv6None).Build());
            broker.InterceptingPublishAsync += message =>
            {
                published.Enqueue((message.ApplicationMessage.Topic, System.Text.Encoding.UTF8.GetString(message.ApplicationMessage.Payload.ToArray())));
                return Task.CompletedTask;
            };
            await broker.StartAsync();
            await Eventually.HoldsAsync(() => !published.IsEmpty);
            await broker.StopAsync();
        }

        (string topic, string payload) = Assert.Single(published);
        Assert.Equal("line1/bottle", topic);
        Assert.Equal("anomalous", JsonDocument.Parse(payload).RootElement.GetProperty("decision").GetString());
    }

    [Fact]
    public async Task A_result_that_the_broker_refuses_is_published_again()
    {
        using TemporaryFolder folder = new();
        int port = FreePort();
        int asked = 0;
        using MqttServer broker = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointPort(port).WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.IPv6None).Build());
        broker.InterceptingPublishAsync += message =>
        {
            if (Interlocked.Increment(ref asked) > 2) return Task.CompletedTask;
            message.ProcessPublish = false;
            message.Response.ReasonCode = MQTTnet.Protocol.MqttPubAckReasonCode.QuotaExceeded;
            return Task.CompletedTask;
        };
        await broker.StartAsync();
        await using (await WatchedFolder.StartAsync(folder, options => options with { Mqtt = $"127.0.0.1:{port}/line1/bottle" }))
        {
            WatchedFolder.Drop(folder, "bad.png", TestPictures.Grey(0.9));
            await Eventually.HoldsAsync(() => Volatile.Read(ref asked) == 3);
        }

        await broker.StopAsync();
        Assert.Equal(3, asked);
    }

    [Theory]
    [InlineData("broker/topic", "broker", 1883, "topic", false)]
    [InlineData("broker:1999/a/b/c", "broker", 1999, "a/b/c", false)]
    [InlineData("mqtts://user:p%40ss@broker/line", "broker", 8883, "line", true)]
    public void An_mqtt_address_is_read(string text, string host, int port, string topic, bool secure)
    {
        MqttAddress address = MqttAddress.Parse(text);

        Assert.Equal((host, port, topic, secure), (address.Host, address.Port, address.Topic, address.IsSecure));
        Assert.Equal(secure ? "p@ss" : null, address.Password);
        Assert.DoesNotContain("p@ss", address.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("broker")]
    [InlineData("broker:1883/")]
    [InlineData("http://broker/topic")]
    [InlineData("broker/a/#")]
    [InlineData("broker/a/+/b")]
    public void What_is_no_mqtt_address_is_explained(string text) =>
        Assert.Contains("host[:port]/topic", Assert.Throws<ArgumentException>(() => MqttAddress.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_csv_field_is_quoted_and_starts_no_formula()
    {
        using TemporaryFolder folder = new();
        await using (CsvSink sink = new(folder.File("log.csv"), NullLogger<CsvSink>.Instance))
        {
            await sink.WriteAsync(new WatchedPart("=cmd(\"x\"),1.png", DateTimeOffset.UnixEpoch, null, "line one\nline two"), default);
        }

        string text = await File.ReadAllTextAsync(folder.File("log.csv"));
        Assert.Contains(",\"'=cmd(\"\"x\"\"),1.png\",refused,", text, StringComparison.Ordinal);
        // A row is one line: what a power cut left of one can be told from a whole one.
        Assert.EndsWith(",\"line one line two\"\n", text, StringComparison.Ordinal);
    }

    /// <summary>A port below those that the system gives to connections, so that none takes it before the broker does.</summary>
    private static int FreePort()
    {
        while (true)
        {
            int port = Random.Shared.Next(20_000, 32_000);
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another one.
            }
        }
    }
}
