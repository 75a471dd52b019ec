using System.Net;
using CobraAD.Server.Endpoints;
using CobraAD.Server.Scoring;
using Microsoft.Extensions.DependencyInjection;

namespace CobraAD.Server.Tests.Scoring;

public sealed class ModelSwapTests
{
    [Fact]
    public async Task A_swap_in_the_middle_of_load_loses_no_request_and_unloads_the_old_models()
    {
        await using TestService service = await TestService.StartAsync(loader: new FakeLoader { Working = () => Thread.Sleep(2) });
        using CancellationTokenSource ending = new();
        Task<int>[] clients = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            int count = 0;
            byte[] image = TestPictures.Grey(0.2);
            while (!ending.IsCancellationRequested)
            {
                await service.ScoreAsync(image);
                count++;
            }

            return count;
        }))];

        List<string> afterSwap = [];
        for (int i = 0; i < 10; i++)
        {
            using HttpResponseMessage response = await PutAsync(service, $"model number {i}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            afterSwap.Add((await service.ScoreAsync(TestPictures.Grey(0.2))).Results.Single().Model);
        }

        await ending.CancelAsync();
        int[] served = await Task.WhenAll(clients);

        Assert.All(served, count => Assert.True(count > 0));
        Assert.Equal(10, afterSwap.Distinct().Count());
        Assert.Equal(11, service.Loader.Loaded.Count);
        Assert.All(service.Loader.Loaded.SkipLast(1), scorer => Assert.True(scorer.IsDisposed));
        Assert.False(service.Loader.Loaded[^1].IsDisposed);
    }

    [Theory]
    [InlineData("installed.json", "")]
    [InlineData("installed.json", "{\"Hash\":null}")]
    [InlineData("installed.json", "[1]")]
    [InlineData("*.onnx", "mod")]
    public async Task Where_a_crash_damaged_what_was_sent_the_configured_model_serves(string what, string left)
    {
        using TemporaryFolder folder = new();
        string configured;
        await using (TestService service = await TestService.StartAsync(folder: folder))
        {
            configured = (await service.GetAsync<ModelDescription>("/v1/model")).Hash;
            (await PutAsync(service, "model two")).EnsureSuccessStatusCode();
        }

        await File.WriteAllTextAsync(Directory.EnumerateFiles(folder.File("data/models"), what).Single(), left);
        await using TestService again = await TestService.StartAsync(folder: folder);

        Assert.Equal(configured, (await again.GetAsync<ModelDescription>("/v1/model")).Hash);
    }

    [Fact]
    public async Task A_broken_file_keeps_the_model_in_use_and_leaves_nothing_behind()
    {
        using TemporaryFolder folder = new();
        await using TestService service = await TestService.StartAsync(folder: folder);
        ModelDescription before = await service.GetAsync<ModelDescription>("/v1/model");

        using HttpResponseMessage response = await PutAsync(service, "broken");

        await Tests.Endpoints.ScoreEndpointsTests.AssertProblemAsync(response, 422, "model-rejected");
        Assert.DoesNotContain(folder.Path, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(before.Hash, (await service.GetAsync<ModelDescription>("/v1/model")).Hash);
        Assert.Empty(Directory.EnumerateFiles(folder.File("data/models")));
        Assert.Single((await service.ScoreAsync(TestPictures.Grey(0.2))).Results);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public async Task A_real_model_that_was_cut_short_keeps_the_one_in_use(double kept)
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        await using TestService service = await TestService.StartAsync(folder: folder, configure: builder => builder.Services.AddSingleton<IScorerLoader, DetectorLoader>());
        string before = (await service.GetAsync<ModelDescription>("/v1/model")).Hash;
        byte[] whole = await File.ReadAllBytesAsync(folder.File("model.onnx"));

        using HttpResponseMessage response = await service.Client.PutAsync("/v1/model", TestPictures.Content(whole[..(int)(kept * whole.Length)], "application/octet-stream"));

        await Tests.Endpoints.ScoreEndpointsTests.AssertProblemAsync(response, 422, "model-rejected");
        Assert.Equal(before, (await service.GetAsync<ModelDescription>("/v1/model")).Hash);
        Assert.Empty(Directory.EnumerateFiles(folder.File("data/models")));
        Assert.Equal(before, (await service.ScoreAsync(TestPictures.Grey(0.2))).Results.Single().Model);
    }

    [Fact]
    public async Task A_model_that_was_sent_survives_a_restart_until_the_configured_file_changes()
    {
        using TemporaryFolder folder = new();
        await using (TestService first = await TestService.StartAsync(folder: folder)) (await PutAsync(first, "model two")).EnsureSuccessStatusCode();

        string sent;
        await using (TestService second = await TestService.StartAsync(folder: folder)) sent = (await second.GetAsync<ModelDescription>("/v1/model")).Hash;
        await File.WriteAllTextAsync(folder.File("model.onnx"), "model three");
        string configured;
        await using (TestService third = await TestService.StartAsync(folder: folder)) configured = (await third.GetAsync<ModelDescription>("/v1/model")).Hash;

        Assert.Equal(Hash("model two"), sent);
        Assert.Equal(Hash("model three"), configured);
    }

    [Theory]
    [InlineData("text/plain", "model", 415)]
    [InlineData("application/octet-stream", "", 400)]
    public async Task What_is_no_model_file_is_refused(string type, string content, int status)
    {
        await using TestService service = await TestService.StartAsync();

        using HttpResponseMessage response = await service.Client.PutAsync("/v1/model", TestPictures.Content(System.Text.Encoding.UTF8.GetBytes(content), type));

        await Tests.Endpoints.ScoreEndpointsTests.AssertProblemAsync(response, status);
    }

    [Fact]
    public async Task A_model_over_the_limit_is_refused()
    {
        await using TestService service = await TestService.StartAsync(options => options with { MaxModelBytes = 1024 });

        using HttpResponseMessage response = await PutAsync(service, "model" + new string('x', 5000));

        await Tests.Endpoints.ScoreEndpointsTests.AssertProblemAsync(response, 413, "too-many-bytes");
    }

    [Fact]
    public void A_model_is_unloaded_when_its_last_user_leaves_and_not_before()
    {
        using ModelHost host = new(TimeProvider.System);
        FakeScorer old = new(new string('a', 64));
        host.Swap(old);
        ScorerLease first = host.Rent();
        ScorerLease second = host.Rent();

        host.Swap(new FakeScorer(new string('b', 64)));
        first.Dispose();

        Assert.False(old.IsDisposed);
        second.Dispose();
        Assert.True(old.IsDisposed);
    }

    private static Task<HttpResponseMessage> PutAsync(TestService service, string model) =>
        service.Client.PutAsync("/v1/model", TestPictures.Content(System.Text.Encoding.UTF8.GetBytes(model), "application/octet-stream"));

    private static string Hash(string content) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)));
}
