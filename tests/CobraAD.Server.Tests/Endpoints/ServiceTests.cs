using System.Net;
using System.Text.Json;
using CobraAD.Server.Endpoints;

namespace CobraAD.Server.Tests.Endpoints;

public sealed class ServiceTests
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task A_running_service_is_healthy(string address)
    {
        await using TestService service = await TestService.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await service.Client.GetAsync(address)).StatusCode);
    }

    [Fact]
    public async Task A_service_whose_database_takes_nothing_is_not_ready()
    {
        using TemporaryFolder folder = new();
        await using TestService service = await TestService.StartAsync(folder: folder);
        (System.Data.Common.DbDataSource source, _) = Server.Results.SqlDialect.Open(folder.File("data/results.db"));
        await using System.Data.Common.DbCommand command = source.CreateCommand("DROP TABLE cobra_check");
        await command.ExecuteNonQueryAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.Client.GetAsync("/health/ready")).StatusCode);
    }

    [Theory]
    [InlineData("localhost", null, null, true)]
    [InlineData("127.0.0.1:8080", null, null, true)]
    [InlineData("[::1]:8080", null, null, true)]
    [InlineData("linepc7:8080", null, null, true)]
    [InlineData("linepc7.local", null, null, true)]
    [InlineData("attacker.example", null, null, false)]
    [InlineData("attacker.example:8080", null, "cobra.factory.example", false)]
    [InlineData("cobra.factory.example", null, "cobra.factory.example;other.example", true)]
    [InlineData("anything.example", null, "*", true)]
    [InlineData("anything.example", "0123456789abcdef", null, true)]
    [InlineData("anything.example", "0123456789abcdef", "cobra.factory.example", false)]
    public async Task A_strangers_name_does_not_lead_to_the_service(string host, string? key, string? allowed, bool answers)
    {
        await using TestService service = await TestService.StartAsync(options => options with { ApiKey = key, AllowedHosts = allowed });
        using HttpRequestMessage request = new(HttpMethod.Get, "/health/live");
        request.Headers.Host = host;

        using HttpResponseMessage response = await service.Client.SendAsync(request);

        Assert.Equal(answers ? HttpStatusCode.OK : HttpStatusCode.MisdirectedRequest, response.StatusCode);
    }

    [Fact]
    public async Task Whoever_tries_keys_is_not_listened_to_for_long_and_keeps_nobody_waiting()
    {
        await using TestService service = await TestService.StartAsync(options => options with { ApiKey = "0123456789abcdef" });
        List<HttpStatusCode> answers = [];
        // A slow machine may need more than a minute for the first twenty.
        for (int i = 0; i < 200 && !answers.Contains(HttpStatusCode.TooManyRequests); i++) answers.Add(await GetAsync($"guess number {i:0000}"));

        Assert.Equal(HttpStatusCode.Unauthorized, answers[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.Equal(HttpStatusCode.OK, await GetAsync("0123456789abcdef"));

        async Task<HttpStatusCode> GetAsync(string key)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/v1/model");
            request.Headers.Add("X-Api-Key", key);
            using HttpResponseMessage response = await service.Client.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task The_api_document_describes_every_operation_and_the_key()
    {
        await using TestService service = await TestService.StartAsync(options => options with { ApiKey = "0123456789abcdef" });

        JsonElement document = JsonDocument.Parse(await service.Client.GetStringAsync("/openapi/v1.json")).RootElement;

        string[] operations = [.. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name} {path.Name}")).Order()];
        Assert.Equal(
            ["get /v1/model", "get /v1/products", "get /v1/results", "get /v1/results/{id}", "get /v1/results/{id}/heatmap", "get /v1/results/{id}/image", "get /v1/results/{id}/thumbnail", "get /v1/summary", "post /v1/score", "put /v1/model"],
            operations);
        JsonElement body = document.GetProperty("paths").GetProperty("/v1/score").GetProperty("post").GetProperty("requestBody").GetProperty("content");
        Assert.True(body.TryGetProperty("multipart/form-data", out _));
        Assert.True(document.GetProperty("components").GetProperty("securitySchemes").TryGetProperty("apiKey", out _));
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/docs", "text/html")]
    [InlineData("/style.css", "text/css")]
    [InlineData("/js/main.js", "text/javascript")]
    [InlineData("/icon.svg", "image/svg+xml")]
    public async Task The_page_is_served_under_a_strict_policy_even_without_the_key(string address, string type)
    {
        await using TestService service = await TestService.StartAsync(options => options with { ApiKey = "0123456789abcdef" });

        using HttpResponseMessage response = await service.Client.GetAsync(address);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        string policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("DELETE", "/v1/model", 405)]
    [InlineData("GET", "/v1/results?limit=0", 400)]
    [InlineData("GET", "/v1/results?limit=many", 400)]
    [InlineData("GET", "/v1/results/12345", 404)]
    [InlineData("GET", "/v1/results/12345/heatmap", 404)]
    public async Task Every_failure_is_a_problem_document(string method, string address, int status)
    {
        await using TestService service = await TestService.StartAsync();

        using HttpResponseMessage response = await service.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), address));

        await ScoreEndpointsTests.AssertProblemAsync(response, status);
    }

    [Fact]
    public async Task A_heat_map_and_a_thumbnail_come_with_a_recent_result()
    {
        await using TestService service = await TestService.StartAsync();
        long id = (await service.ScoreAsync(TestPictures.Grey(0.9, SkiaSharp.SKEncodedImageFormat.Jpeg, 640, 320))).Results[0].Id;

        byte[] heat = await service.Client.GetByteArrayAsync($"/v1/results/{id}/heatmap");
        byte[] thumbnail = await service.Client.GetByteArrayAsync($"/v1/results/{id}/thumbnail");

        using SkiaSharp.SKBitmap heatMap = SkiaSharp.SKBitmap.Decode(heat);
        using SkiaSharp.SKBitmap small = SkiaSharp.SKBitmap.Decode(thumbnail);
        Assert.Equal((32, 32), (heatMap.Width, heatMap.Height));
        Assert.Equal((160, 80), (small.Width, small.Height));
    }

    [Fact]
    public async Task Without_images_kept_there_is_none_and_the_numbers_remain()
    {
        await using TestService service = await TestService.StartAsync(options => options with { KeepImages = Server.Results.ImageRetention.None, RecentImageBytes = 0 });
        long id = (await service.ScoreAsync(TestPictures.Grey(0.9))).Results[0].Id;

        await ScoreEndpointsTests.AssertProblemAsync(await service.Client.GetAsync($"/v1/results/{id}/thumbnail"), 404);
        await ScoreEndpointsTests.AssertProblemAsync(await service.Client.GetAsync($"/v1/results/{id}/heatmap"), 404);
        Assert.Single((await service.GetAsync<ResultPage>("/v1/results")).Results);
    }

    [Fact]
    public async Task Results_survive_a_restart_and_their_originals_can_still_be_explained()
    {
        using TemporaryFolder folder = new();
        byte[] image = TestPictures.Grey(0.9);
        long id;
        await using (TestService first = await TestService.StartAsync(Keep, folder)) id = (await first.ScoreAsync(image, "kept.png")).Results[0].Id;

        await using TestService second = await TestService.StartAsync(Keep, folder);

        Assert.Equal("kept.png", (await second.GetAsync<ResultPage>("/v1/results")).Results.Single().Name);
        Assert.Equal(image, await second.Client.GetByteArrayAsync($"/v1/results/{id}/image"));
        Assert.NotEmpty(await second.Client.GetByteArrayAsync($"/v1/results/{id}/heatmap"));

        static ServerOptions Keep(ServerOptions options) => options with { KeepImages = Server.Results.ImageRetention.Originals };
    }
}
