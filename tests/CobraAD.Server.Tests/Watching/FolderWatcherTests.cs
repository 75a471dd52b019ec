using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CobraAD.Server.Scoring;
using CobraAD.Server.Watching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet.Server;

namespace CobraAD.Server.Tests.Watching;

public sealed class FolderWatcherTests
{
    [Fact]
    public async Task Arriving_files_are_scored_logged_and_moved()
    {
        using TemporaryFolder folder = new();
        await using (await WatchAsync(folder, options => options with { Csv = folder.File("log/results.csv"), JsonLines = folder.File("log/results.jsonl") }))
        {
            Drop(folder, "good.png", TestPictures.Grey(0.2));
            Drop(folder, "bad.png", TestPictures.Grey(0.9));
            Drop(folder, "broken.png", [1, 2, 3]);
            Drop(folder, "notes.txt", [1]);
            await Eventually.HoldsAsync(() => Directory.Exists(folder.File("in/refused")) && Directory.EnumerateFiles(folder.File("in")).Count() == 1);
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
        await using (await WatchAsync(folder, options => options with { Settle = TimeSpan.FromSeconds(2) }))
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
        Collecting sink = new();
        await using (await WatchAsync(folder, options => options with { Then = WatchAction.Tag }, sink))
        {
            Drop(folder, "part.png", TestPictures.Grey(0.9));
            await Eventually.HoldsAsync(() => File.Exists(folder.File("in/part.png.cobra.json")));
        }

        await using (await WatchAsync(folder, options => options with { Then = WatchAction.Tag }, sink)) await Task.Delay(700);

        Assert.True(File.Exists(folder.File("in/part.png")));
        Assert.Equal("anomalous", JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("in/part.png.cobra.json"))).RootElement.GetProperty("decision").GetString());
        Assert.Single(sink.Parts);
    }

    [Fact]
    public async Task A_second_file_of_the_same_name_does_not_overwrite_the_first()
    {
        using TemporaryFolder folder = new();
        await using (await WatchAsync(folder))
        {
            Drop(folder, "part.png", TestPictures.Grey(0.2));
            await Eventually.HoldsAsync(() => File.Exists(folder.File("in/normal/part.png")));
            Drop(folder, "part.png", TestPictures.Grey(0.3));
            await Eventually.HoldsAsync(() => File.Exists(folder.File("in/normal/part-2.png")));
        }

        Assert.NotEqual(await File.ReadAllBytesAsync(folder.File("in/normal/part.png")), await File.ReadAllBytesAsync(folder.File("in/normal/part-2.png")));
    }

    [Fact]
    public async Task A_link_out_of_the_folder_is_not_followed()
    {
        using TemporaryFolder folder = new();
        Collecting sink = new();
        await File.WriteAllBytesAsync(folder.File("outside.png"), TestPictures.Grey(0.2));
        await using (await WatchAsync(folder, sink: sink))
        {
            File.CreateSymbolicLink(folder.File("in/link.png"), folder.File("outside.png"));
            await Task.Delay(700);
        }

        Assert.Empty(sink.Parts);
        Assert.True(File.Exists(folder.File("outside.png")));
    }

    [Fact]
    public async Task Results_are_published_even_when_the_broker_comes_later()
    {
        using TemporaryFolder folder = new();
        int port = FreePort();
        ConcurrentQueue<(string Topic, string Payload)> published = new();
        await using (await WatchAsync(folder, options => options with { Mqtt = $"127.0.0.1:{port}/line1/bottle" }))
        {
            Drop(folder, "bad.png", TestPictures.Grey(0.9));
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
        await using (CsvSink sink = new(folder.File("log.csv")))
        {
            await sink.WriteAsync(new WatchedPart("=cmd(\"x\"),1.png", DateTimeOffset.UnixEpoch, null, "line one\nline two"), default);
        }

        string text = await File.ReadAllTextAsync(folder.File("log.csv"));
        Assert.Contains(",\"'=cmd(\"\"x\"\"),1.png\",refused,", text, StringComparison.Ordinal);
        Assert.EndsWith("\"line one\nline two\"\n", text, StringComparison.Ordinal);
    }

    private static async Task<Watch> WatchAsync(TemporaryFolder folder, Func<WatchOptions, WatchOptions>? change = null, IPartSink? sink = null)
    {
        await File.WriteAllTextAsync(folder.File("model.onnx"), "model one");
        Directory.CreateDirectory(folder.File("in"));
        WatchOptions watch = new() { Folder = folder.File("in"), Settle = TimeSpan.FromMilliseconds(100), Interval = TimeSpan.FromMilliseconds(200) };
        ServerOptions options = new() { Model = folder.File("model.onnx"), DataFolder = folder.File("data"), Watch = change?.Invoke(watch) ?? watch };
        IHost host = CobraWatch.Create(options, builder =>
        {
            builder.Services.AddSingleton<IScorerLoader>(new FakeLoader());
            builder.Logging.ClearProviders();
            if (sink is not null) builder.Services.AddSingleton(sink);
        });
        await host.StartAsync();
        return new Watch(host);
    }

    private static void Drop(TemporaryFolder folder, string name, byte[] content) => File.WriteAllBytes(folder.File("in/" + name), content);

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

    private sealed class Watch(IHost host) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    private sealed class Collecting : IPartSink
    {
        public ConcurrentQueue<WatchedPart> Parts { get; } = new();

        public Task WriteAsync(WatchedPart part, CancellationToken cancellation)
        {
            Parts.Enqueue(part);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
