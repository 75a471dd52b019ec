using System.Data.Common;
using CobraAD.Server.Results;
using CobraAD.Server.Scoring;
using CobraAD.Server.Watching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CobraAD.Server.Tests.Watching;

/// <summary>The folder <c>in</c> of a temporary folder, watched with the fake detector until it is disposed.</summary>
internal sealed class WatchedFolder : IAsyncDisposable
{
    private readonly IHost host;

    private WatchedFolder(IHost host) => this.host = host;

    public static async Task<WatchedFolder> StartAsync(TemporaryFolder folder, Func<WatchOptions, WatchOptions>? change = null, IPartSink? sink = null, string? database = null)
    {
        await File.WriteAllTextAsync(folder.File("model.onnx"), "model one");
        Directory.CreateDirectory(folder.File("in"));
        WatchOptions watch = new() { Folder = folder.File("in"), Settle = TimeSpan.FromMilliseconds(100), Interval = TimeSpan.FromMilliseconds(200) };
        ServerOptions options = new() { Model = folder.File("model.onnx"), DataFolder = folder.File("data"), Database = database, Watch = change?.Invoke(watch) ?? watch };
        IHost host = CobraWatch.Create(options, builder =>
        {
            builder.Services.AddSingleton<IScorerLoader>(new FakeLoader());
            builder.Logging.ClearProviders();
            if (sink is not null) builder.Services.AddSingleton(sink);
        });
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new WatchedFolder(host);
    }

    public static void Drop(TemporaryFolder folder, string name, byte[] content) => File.WriteAllBytes(folder.File("in/" + name), content);

    /// <summary>The names of all results in <c>results.db</c>.</summary>
    public static async Task<IEnumerable<string>> NamesInDatabaseAsync(TemporaryFolder folder)
    {
        (DbDataSource source, _) = SqlDialect.Open(folder.File("results.db"));
        await using (source)
        {
            await using DbCommand command = source.CreateCommand("SELECT name FROM cobra_result ORDER BY name");
            await using DbDataReader reader = await command.ExecuteReaderAsync();
            List<string> names = [];
            while (await reader.ReadAsync()) names.Add(reader.GetString(0));
            return names;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        // Asynchronous disposal only: the store of results has no other.
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}
