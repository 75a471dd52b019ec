using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using CobraAD.Server.Endpoints;
using CobraAD.Server.Scoring;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CobraAD.Server.Tests;

/// <summary>The whole service in this process, on a folder of its own, with the fake detector.</summary>
internal sealed class TestService : IAsyncDisposable
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private readonly TemporaryFolder folder;
    private readonly bool ownsFolder;

    private TestService(WebApplication app, FakeLoader loader, TemporaryFolder folder, bool ownsFolder)
    {
        (App, Loader, this.folder, this.ownsFolder) = (app, loader, folder, ownsFolder);
        Client = app.GetTestClient();
    }

    public WebApplication App { get; }

    public FakeLoader Loader { get; }

    public HttpClient Client { get; }

    public static async Task<TestService> StartAsync(Func<ServerOptions, ServerOptions>? change = null, TemporaryFolder? folder = null, FakeLoader? loader = null, Action<WebApplicationBuilder>? configure = null)
    {
        bool ownsFolder = folder is null;
        folder ??= new TemporaryFolder();
        if (!File.Exists(folder.File("model.onnx"))) await File.WriteAllTextAsync(folder.File("model.onnx"), "model one");
        ServerOptions options = new() { Model = folder.File("model.onnx"), DataFolder = folder.File("data"), RequestsPerSecond = 0, Parallelism = 2 };
        loader ??= new FakeLoader();
        WebApplication app = CobraServer.Create(change?.Invoke(options) ?? options, builder =>
        {
            builder.WebHost.UseTestServer();
            builder.Services.AddSingleton<IScorerLoader>(loader);
            builder.Logging.ClearProviders();
            configure?.Invoke(builder);
        });
        await app.StartAsync();
        return new TestService(app, loader, folder, ownsFolder);
    }

    public async Task<ScoreResponse> ScoreAsync(byte[] image, string name = "part.png")
    {
        using HttpResponseMessage response = await Client.PostAsync($"/v1/score?name={Uri.EscapeDataString(name)}", TestPictures.Content(image));
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<ScoreResponse>(Json))!;
    }

    public async Task<T> GetAsync<T>(string address) => (await Client.GetFromJsonAsync<T>(address, Json))!;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        if (ownsFolder) folder.Dispose();
    }
}
