using System.Net;
using CobraAD.Server.Endpoints;
using CobraAD.Server.Scoring;
using CobraAD.Server.Watching;
using Microsoft.Extensions.DependencyInjection;

namespace CobraAD.Server.Tests.Scoring;

/// <summary>A model whose weights were damaged gives NaN: no decision, and no reason to stop.</summary>
public sealed class BrokenModelTests
{
    [Fact]
    public async Task A_score_that_is_no_number_is_a_problem_and_the_service_goes_on()
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"), brokenAbove: 0.7);
        await using TestService service = await TestService.StartAsync(folder: folder, configure: builder => builder.Services.AddSingleton<IScorerLoader, DetectorLoader>());

        using HttpResponseMessage broken = await service.Client.PostAsync("/v1/score", TestPictures.Content(TestPictures.Grey(0.9)));
        ScoreResponse sound = await service.ScoreAsync(TestPictures.Grey(0.6));

        await Tests.Endpoints.ScoreEndpointsTests.AssertProblemAsync(broken, 500, "model-broken");
        Assert.True(sound.Results.Single().IsAnomalous);
        Assert.Single((await service.GetAsync<ResultPage>("/v1/results")).Results);
        Assert.Equal(HttpStatusCode.OK, (await service.Client.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task A_model_that_gives_nothing_else_is_not_taken()
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        RealModel.Write(folder.File("broken.onnx"), brokenAbove: -1);
        await using TestService service = await TestService.StartAsync(folder: folder, configure: builder => builder.Services.AddSingleton<IScorerLoader, DetectorLoader>());

        using HttpResponseMessage response = await service.Client.PutAsync("/v1/model", TestPictures.Content(await File.ReadAllBytesAsync(folder.File("broken.onnx")), "application/octet-stream"));

        await Tests.Endpoints.ScoreEndpointsTests.AssertProblemAsync(response, 422, "model-rejected");
    }

    [Fact]
    public async Task A_small_file_that_wants_gigabytes_is_not_taken()
    {
        using TemporaryFolder folder = new();
        RealModel.Write(folder.File("model.onnx"));
        RealModel.Write(folder.File("other.onnx"), threshold: 0.4);
        RealModel.Write(folder.File("huge.onnx"), multiplied: 40_000);
        await using TestService service = await TestService.StartAsync(folder: folder, configure: builder => builder.Services.AddSingleton<IScorerLoader, DetectorLoader>());

        using HttpResponseMessage refused = await service.Client.PutAsync("/v1/model", TestPictures.Content(await File.ReadAllBytesAsync(folder.File("huge.onnx")), "application/octet-stream"));
        using HttpResponseMessage taken = await service.Client.PutAsync("/v1/model", TestPictures.Content(await File.ReadAllBytesAsync(folder.File("other.onnx")), "application/octet-stream"));

        await Tests.Endpoints.ScoreEndpointsTests.AssertProblemAsync(refused, 422, "model-rejected");
        Assert.Contains("bytes of memory", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Fact]
    public async Task A_watched_part_without_a_score_does_not_pass_for_normal()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("in"));
        RealModel.Write(folder.File("model.onnx"), brokenAbove: 0.7);
        ServerOptions options = new() { Model = folder.File("model.onnx"), Watch = new WatchOptions { Folder = folder.File("in"), Settle = TimeSpan.Zero } };
        using Microsoft.Extensions.Hosting.IHost host = CobraWatch.Create(options);
        await host.StartAsync(default);
        await File.WriteAllBytesAsync(folder.File("in/bright.png"), TestPictures.Grey(0.9));

        await Eventually.HoldsAsync(() => File.Exists(folder.File("in/refused/bright.png")));

        await host.StopAsync(default);
    }
}
