using CobraAD.Server.Scoring;

namespace CobraAD.Server.Watching;

/// <summary>Registers the watching of a folder.</summary>
internal static class FolderWatchExtensions
{
    /// <summary>Adds a background service that scores a folder's arriving images.</summary>
    /// <param name="services">The application's services; they hold a <see cref="ScoringService"/>.</param>
    /// <param name="options">Which folder, and what becomes of its files.</param>
    /// <param name="product">The product whose parts they are; <see langword="null"/> where there is one model.</param>
    // Not AddHostedService, which takes a second watcher for the first one again.
    public static IServiceCollection AddFolderWatch(this IServiceCollection services, WatchOptions options, string? product = null) => services.AddSingleton<IHostedService>(provider =>
    {
        // What lasts comes first: the others are told of nothing that a log could still miss.
        List<IPartSink> sinks = [];
        if (options.Csv is not null) sinks.Add(new CsvSink(options.Csv, provider.GetRequiredService<ILogger<CsvSink>>()));
        if (options.JsonLines is not null) sinks.Add(new JsonLinesSink(options.JsonLines, provider.GetRequiredService<ILogger<JsonLinesSink>>()));
        if (options.Mqtt is not null) sinks.Add(new MqttSink(MqttAddress.Parse(options.Mqtt), provider.GetRequiredService<ILogger<MqttSink>>()));
        sinks.AddRange(provider.GetServices<IPartSink>());
        FolderWatcher watcher = ActivatorUtilities.CreateInstance<FolderWatcher>(provider, options, sinks);
        watcher.Product = product;
        return watcher;
    });
}
