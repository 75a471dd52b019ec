using CobraAD.Server.Hosting;
using CobraAD.Server.Watching;

namespace CobraAD.Server;

/// <summary>Scores the images that arrive in a folder, without a server.</summary>
public static class CobraWatch
{
    /// <summary>Watches until told to stop.</summary>
    /// <param name="commandLine">Options of <see cref="ServerOptions"/> by name, e.g. "Model" and "Watch:Folder"; they win over the environment and <c>appsettings.json</c>.</param>
    /// <param name="sink">Told of every result, besides the files and topics that the options name.</param>
    /// <param name="cancellation">Stops the watching.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public static async Task RunAsync(IReadOnlyDictionary<string, string?> commandLine, IPartSink? sink = null, CancellationToken cancellation = default)
    {
        IConfigurationRoot configuration = ServerSettings.Read(commandLine, Directory.GetCurrentDirectory());
        ServerOptions options = ServerSettings.Options(configuration);
        // Said for this run, and not in the settings that a service shares.
        if (commandLine.ContainsKey(nameof(ServerOptions.KeepImages)) && options.Database is null)
            throw ServerOptions.Refused(nameof(ServerOptions.KeepImages), "KeepImages needs Database, where images are kept with their results; without it nothing comes of it.");
        IHost host = Create(options, builder =>
        {
            builder.Configuration.AddConfiguration(configuration);
            if (sink is not null) builder.Services.AddSingleton(sink);
        });
        await using IAsyncDisposable disposal = (IAsyncDisposable)host;
        await host.StartAsync(cancellation);
        await host.WaitForShutdownAsync(cancellation);
        BackgroundFaults.ThrowIfAny(host.Services);
    }

    /// <summary>Builds the host without starting it.</summary>
    /// <param name="options">What to watch and how; results are kept only when a database is named.</param>
    /// <param name="configure">Changes the host before it is built.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public static IHost Create(ServerOptions options, Action<HostApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Products.Count > 0) throw new ArgumentException("A watch has one model; several products are for the service ('cobra serve'), with a folder each.", nameof(options));
        WatchOptions watch = options.Watch ?? throw new ArgumentException("Watch is missing: name the folder to watch.", nameof(options));
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddConsoleLog();
        builder.Services.AddScoring(options, options.Database).AddFolderWatch(watch);
        configure?.Invoke(builder);
        return builder.Build();
    }
}
