using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using CobraAD.Server.Endpoints;
using CobraAD.Server.Results;
using SkiaSharp;

namespace CobraAD.Server.Tests.Hosting;

public sealed class ProcessTests
{
    [Fact]
    public async Task A_killed_service_has_lost_no_result_that_it_acknowledged()
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        ConcurrentBag<PartResult> acknowledged = [];
        await using (ServerProcess server = await ServerProcess.StartAsync(folder))
        {
            Task[] senders = [.. Enumerable.Range(0, 4).Select(_ => SendUntilItDiesAsync(server.Client, acknowledged))];
            await Eventually.HoldsAsync(() => acknowledged.Count >= 50);
            await server.KillAsync();
            await Task.WhenAll(senders);
        }

        await using ServerProcess again = await ServerProcess.StartAsync(folder);

        foreach (PartResult result in acknowledged)
        {
            PartResult? stored = await again.Client.GetFromJsonAsync<PartResult>($"/v1/results/{result.Id}", TestService.Json);
            Assert.Equal(result.Score, stored!.Score);
        }
    }

    [Fact]
    public async Task A_terminated_service_finishes_its_requests_and_ends_well()
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        await using ServerProcess server = await ServerProcess.StartAsync(folder);
        Task<HttpResponseMessage>[] requests = [.. Enumerable.Range(0, 8).Select(i => server.Client.PostAsync("/v1/score", TestPictures.Content(TestPictures.Grey(0.1 * i, SKEncodedImageFormat.Png, 1500, 1500))))];
        await Task.WhenAny(requests);

        int exitCode = await server.TerminateAsync();

        Assert.Equal(0, exitCode);
        // A connection that the service had not yet taken up is refused; what it took up, it answers.
        await ((Task)Task.WhenAll(requests)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        List<HttpResponseMessage> answered = [.. requests.Where(request => request.IsCompletedSuccessfully).Select(request => request.Result)];
        Assert.NotEmpty(answered);
        Assert.All(answered, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task The_service_leaves_nothing_outside_its_data_folder()
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        await using ServerProcess server = await ServerProcess.StartAsync(folder);
        (await server.Client.PostAsync("/v1/score", TestPictures.Content(TestPictures.Grey(0.3)))).EnsureSuccessStatusCode();

        await server.TerminateAsync();

        // ONNX Runtime's telemetry would keep an identifier and a queue of events here.
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("home")));
    }

    [Theory]
    [InlineData("--parallelism", "0", "Parallelism")]
    [InlineData("--keep-images", "some", "KeepImages")]
    [InlineData("--urls", "nowhere", "Urls")]
    [InlineData("--api-key", "short", "ApiKey")]
    [InlineData("--model", "missing.onnx", "missing.onnx")]
    [InlineData("--bogus", "1", "bogus")]
    [InlineData("--otlp-endpoint", "nowhere", "OtlpEndpoint")]
    [InlineData("--urls", "https://127.0.0.1:0", "certificate")]
    [InlineData("--data-folder", "/dev/null/data", "/dev/null")]
    [InlineData("--urls", "http://192.0.2.1:80", "192.0.2.1")]
    public async Task An_unusable_option_is_named(string option, string value, string named)
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));

        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(folder, option, value));

        Assert.Contains(named, failure.Message, StringComparison.OrdinalIgnoreCase);
        // One or two lines for a person, not an abort with a stack trace.
        Assert.DoesNotContain("   at ", failure.Message, StringComparison.Ordinal);
        Assert.Matches("ended with [12]:", failure.Message);
    }

    [Fact]
    public async Task Malformed_settings_are_named()
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        await File.WriteAllTextAsync(folder.File("appsettings.json"), "{ \"Cobra\": { ");

        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(folder));

        Assert.Contains("appsettings.json", failure.Message, StringComparison.Ordinal);
        Assert.Matches("ended with 2:", failure.Message);
    }

    [Fact]
    public async Task A_watched_part_is_recorded_and_moved_once_whenever_the_service_is_killed()
    {
        const int parts = 40;
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        Directory.CreateDirectory(folder.File("in"));
        string[] watch = ["--watch:folder", folder.File("in"), "--watch:settle", "00:00:00", "--watch:csv", folder.File("log.csv"), "--watch:json-lines", folder.File("log.jsonl")];
        Random random = new(1);
        for (int i = 0; i < parts; i++) await File.WriteAllBytesAsync(folder.File($"in/part{i:00}.png"), TestPictures.Grey(0.3));
        for (int kill = 0; kill < 4; kill++)
        {
            await using ServerProcess server = await ServerProcess.StartAsync(folder, watch);
            await Task.Delay(random.Next(20, 200));
            await server.KillAsync();
        }

        await using (await ServerProcess.StartAsync(folder, watch)) await Eventually.HoldsAsync(() => Directory.GetFiles(folder.File("in"), "*.png").Length == 0);

        string[] names = [.. Enumerable.Range(0, parts).Select(i => $"part{i:00}.png")];
        Assert.Equal(names, Directory.EnumerateFiles(folder.File("in/normal")).Select(Path.GetFileName).Order());
        Assert.Equal(names, (await File.ReadAllLinesAsync(folder.File("log.csv"))).Skip(1).Select(row => row.Split(',')[1]).Order());
        Assert.Equal(parts, (await File.ReadAllLinesAsync(folder.File("log.jsonl"))).Distinct().Count());
        (System.Data.Common.DbDataSource source, _) = SqlDialect.Open(folder.File("data/results.db"));
        await using System.Data.Common.DbCommand command = source.CreateCommand("SELECT count(*) FROM cobra_result");
        Assert.Equal((long)parts, await command.ExecuteScalarAsync());
        await source.DisposeAsync();
    }

    [Fact]
    public async Task A_huge_image_is_refused_by_its_header()
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        await using ServerProcess server = await ServerProcess.StartAsync(folder);
        byte[] bomb = TestPictures.Grey(0.5);
        // Width and height of the PNG's header: 60,000 × 60,000 pixels would be 14 GB.
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(16), 60_000);
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(20), 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(bomb.AsSpan(29), Crc(bomb.AsSpan(12, 17)));

        using HttpResponseMessage response = await server.Client.PostAsync("/v1/score", TestPictures.Content(bomb));
        using HttpResponseMessage truncated = await server.Client.PostAsync("/v1/score", TestPictures.Content(TestPictures.Grey(0.5, SKEncodedImageFormat.Jpeg, 200, 200)[..400]));

        await Tests.Endpoints.ScoreEndpointsTests.AssertProblemAsync(response, 413, "image-too-large");
        await Tests.Endpoints.ScoreEndpointsTests.AssertProblemAsync(truncated, 422, "image-damaged");
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xedb88320);
        }

        return ~crc;
    }

    private static async Task SendUntilItDiesAsync(HttpClient client, ConcurrentBag<PartResult> acknowledged)
    {
        byte[] image = TestPictures.Grey(0.3);
        try
        {
            while (true)
            {
                using HttpResponseMessage response = await client.PostAsync("/v1/score", TestPictures.Content(image));
                ScoreResponse? score = await response.Content.ReadFromJsonAsync<ScoreResponse>(TestService.Json);
                acknowledged.Add(score!.Results[0]);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // It died.
        }
    }
}
