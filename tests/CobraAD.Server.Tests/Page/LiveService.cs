using CobraAD.Server.Scoring;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CobraAD.Server.Tests.Page;

/// <summary>The service on a port of its own, for a browser, with the fake detector.</summary>
internal sealed class LiveService(WebApplication app, TemporaryFolder folder, HttpClient client) : IAsyncDisposable
{
    public string Address { get; } = client.BaseAddress!.ToString().TrimEnd('/');

    public static async Task<LiveService> StartAsync(Func<ServerOptions, ServerOptions>? change = null)
    {
        TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder.File("model.onnx"), "model one");
        ServerOptions options = new() { Model = folder.File("model.onnx"), DataFolder = folder.File("data"), Urls = "http://127.0.0.1:0" };
        options = change?.Invoke(options) ?? options;
        WebApplication app = CobraServer.Create(options, builder =>
        {
            builder.Services.AddSingleton<IScorerLoader>(new FakeLoader());
            builder.Logging.ClearProviders();
        });
        await app.StartAsync();
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        HttpClient client = new() { BaseAddress = new Uri(address) };
        if (options.ApiKey is not null) client.DefaultRequestHeaders.Add("X-Api-Key", options.ApiKey);
        return new LiveService(app, folder, client);
    }

    public async Task ScoreAsync(byte[] image, string name) =>
        (await client.PostAsync($"/v1/score?name={name}", TestPictures.Content(image))).EnsureSuccessStatusCode();

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        folder.Dispose();
    }
}
