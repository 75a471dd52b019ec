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
    public async Task An_unusable_option_is_named(string option, string value, string named)
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));

        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(folder, option, value));

        Assert.Contains(named, failure.Message, StringComparison.OrdinalIgnoreCase);
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
