using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CobraAD.Server.Endpoints;
using CobraAD.Server.Results;
using SkiaSharp;

namespace CobraAD.Server.Tests.Endpoints;

public sealed class ScoreEndpointsTests
{
    [Theory]
    [InlineData(SKEncodedImageFormat.Png, "image/png")]
    [InlineData(SKEncodedImageFormat.Jpeg, "image/jpeg")]
    [InlineData(SKEncodedImageFormat.Webp, "application/octet-stream")]
    public async Task A_raw_image_is_scored_and_stored(SKEncodedImageFormat format, string type)
    {
        await using TestService service = await TestService.StartAsync();

        using HttpResponseMessage response = await service.Client.PostAsync("/v1/score?name=bottle.png", TestPictures.Content(TestPictures.Grey(0.8, format, 40, 30), type));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        ScoreResponse score = (await response.Content.ReadFromJsonAsync<ScoreResponse>(TestService.Json))!;
        PartResult result = Assert.Single(score.Results);
        Assert.Equal("bottle.png", result.Name);
        Assert.Equal("api", result.Source);
        Assert.Equal((40, 30), (result.Width, result.Height));
        Assert.Equal(0.8, result.Score, 0.01);
        Assert.True(result.IsAnomalous);
        Assert.Equal(service.Loader.Loaded[0].Model.FileHash, result.Model);
        PartResult stored = await service.GetAsync<PartResult>($"/v1/results/{result.Id}");
        Assert.Equal(result with { ScoredAt = stored.ScoredAt }, stored);
    }

    [Fact]
    public async Task A_form_with_many_images_is_answered_in_order()
    {
        await using TestService service = await TestService.StartAsync();
        using MultipartFormDataContent form = [];
        for (int i = 0; i < 10; i++) form.Add(TestPictures.Content(TestPictures.Grey(i / 10.0)), "images", $"part{i}.png");

        using HttpResponseMessage response = await service.Client.PostAsync("/v1/score", form);

        ScoreResponse score = (await response.Content.ReadFromJsonAsync<ScoreResponse>(TestService.Json))!;
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"part{i}.png"), score.Results.Select(result => result.Name));
        Assert.Equal(10, score.Results.Select(result => result.Id).Distinct().Count());
        Assert.Empty(score.Refused);
    }

    [Fact]
    public async Task A_damaged_image_among_sound_ones_is_refused_alone()
    {
        await using TestService service = await TestService.StartAsync();
        using MultipartFormDataContent form = new()
        {
            { TestPictures.Content(TestPictures.Grey(0.1)), "images", "good.png" },
            { TestPictures.Content([1, 2, 3]), "images", "noise.png" },
            { new StringContent("not a file"), "comment" },
        };

        using HttpResponseMessage response = await service.Client.PostAsync("/v1/score", form);

        ScoreResponse score = (await response.Content.ReadFromJsonAsync<ScoreResponse>(TestService.Json))!;
        Assert.Equal("good.png", Assert.Single(score.Results).Name);
        RefusedImage refused = Assert.Single(score.Refused);
        Assert.Equal((1, "noise.png", 415, "image-unsupported"), (refused.Index, refused.Name, refused.Status, refused.Code));
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/json", 415)]
    [InlineData("multipart/form-data", 400)]
    [InlineData("multipart/form-data; boundary=abc", 400)]
    [InlineData("nonsense", 415)]
    public async Task A_wrong_content_type_is_refused(string type, int status)
    {
        await using TestService service = await TestService.StartAsync();
        ByteArrayContent content = new(TestPictures.Grey(0.5));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using HttpResponseMessage response = await service.Client.PostAsync("/v1/score", content);

        await AssertProblemAsync(response, status);
    }

    [Fact]
    public async Task No_content_type_is_refused()
    {
        await using TestService service = await TestService.StartAsync();

        using HttpResponseMessage response = await service.Client.PostAsync("/v1/score", new ByteArrayContent([]));

        await AssertProblemAsync(response, 415, "wrong-content-type");
    }

    [Fact]
    public async Task An_image_over_the_limit_of_bytes_is_refused_whether_or_not_its_length_is_told()
    {
        await using TestService service = await TestService.StartAsync(options => options with { MaxImageBytes = 2048 });
        byte[] large = new byte[4096];

        using HttpResponseMessage told = await service.Client.PostAsync("/v1/score", TestPictures.Content(large));
        using StreamContent chunked = new(new UnknownLengthStream(large));
        chunked.Headers.ContentType = MediaTypeHeaderValue.Parse("image/png");
        using HttpResponseMessage untold = await service.Client.PostAsync("/v1/score", chunked);

        await AssertProblemAsync(told, 413, "too-many-bytes");
        await AssertProblemAsync(untold, 413, "too-many-bytes");
    }

    [Fact]
    public async Task More_images_than_allowed_are_refused()
    {
        await using TestService service = await TestService.StartAsync(options => options with { MaxImagesPerRequest = 2 });
        using MultipartFormDataContent form = [];
        for (int i = 0; i < 3; i++) form.Add(TestPictures.Content(TestPictures.Grey(0.2)), "images", "part.png");

        using HttpResponseMessage response = await service.Client.PostAsync("/v1/score", form);

        await AssertProblemAsync(response, 413, "too-many-images");
    }

    [Fact]
    public async Task A_client_that_sends_too_fast_is_told_to_wait()
    {
        await using TestService service = await TestService.StartAsync(options => options with { RequestsPerSecond = 1 });

        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => service.Client.PostAsync("/v1/score", TestPictures.Content(TestPictures.Grey(0.2)))));

        HttpResponseMessage refused = responses.First(response => response.StatusCode != HttpStatusCode.OK);
        await AssertProblemAsync(refused, 429, "too-many-requests");
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains(responses, response => response.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_service_with_a_full_queue_says_so()
    {
        using ManualResetEventSlim gate = new();
        await using TestService service = await TestService.StartAsync(
            options => options with { Parallelism = 1, QueueLimit = 1 }, loader: new FakeLoader { Working = () => gate.Wait(TimeSpan.FromMinutes(1)) });

        List<Task<HttpResponseMessage>> open = [.. Enumerable.Range(0, 6).Select(_ => service.Client.PostAsync("/v1/score", TestPictures.Content(TestPictures.Grey(0.2))))];
        List<HttpResponseMessage> refused = [];
        while (open.Count > 2)
        {
            Task<HttpResponseMessage> answered = await Task.WhenAny(open);
            open.Remove(answered);
            refused.Add(await answered);
        }

        gate.Set();
        HttpResponseMessage[] served = await Task.WhenAll(open);

        Assert.All(served, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        foreach (HttpResponseMessage response in refused) await AssertProblemAsync(response, 503, "busy");
    }

    [Theory]
    [InlineData("X-Api-Key", "0123456789abcdef", 200)]
    [InlineData("Authorization", "Bearer 0123456789abcdef", 200)]
    [InlineData("X-Api-Key", "0123456789abcdeF", 401)]
    [InlineData("X-Other", "0123456789abcdef", 401)]
    public async Task Only_the_key_opens_the_service(string header, string value, int status)
    {
        await using TestService service = await TestService.StartAsync(options => options with { ApiKey = "0123456789abcdef" });
        service.Client.DefaultRequestHeaders.Add(header, value);

        using HttpResponseMessage response = await service.Client.GetAsync("/v1/model");

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 401) await AssertProblemAsync(response, 401, "key-wrong");
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_send_parts()
    {
        await using TestService service = await TestService.StartAsync();
        service.Client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");

        using HttpResponseMessage response = await service.Client.PostAsync("/v1/score", TestPictures.Content(TestPictures.Grey(0.2)));

        await AssertProblemAsync(response, 403, "cross-site");
    }

    internal static async Task AssertProblemAsync(HttpResponseMessage response, int status, string? code = null)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        if (code is not null) Assert.Equal(code, problem.GetProperty("code").GetString());
    }

    private sealed class UnknownLengthStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
