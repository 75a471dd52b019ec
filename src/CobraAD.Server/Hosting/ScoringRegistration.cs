using System.Data.Common;
using CobraAD.Server.Images;
using CobraAD.Server.Results;
using CobraAD.Server.Scoring;
using CobraAD.Server.Telemetry;

namespace CobraAD.Server.Hosting;

/// <summary>Registers what scores images, for the service and for the watching of a folder alike.</summary>
internal static class ScoringRegistration
{
    /// <summary>Adds scoring, with the model loaded before anything else starts.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">The model, the limits and what is kept.</param>
    /// <param name="database">Where results are kept; <see langword="null"/> keeps none.</param>
    public static IServiceCollection AddScoring(this IServiceCollection services, ServerOptions options, string? database)
    {
        if (database is not null)
        {
            services.AddSingleton<IResultStore>(provider =>
            {
                (DbDataSource source, SqlDialect dialect) = SqlDialect.Open(database);
                return new SqlResultStore(source, dialect, options.ResultLimit, provider.GetRequiredService<ILogger<SqlResultStore>>());
            });
        }

        return services.AddSingleton(options).AddSingleton(TimeProvider.System).AddMetrics().AddSingleton<ServerMetrics>()
            .AddSingleton<IScorerLoader, DetectorLoader>().AddSingleton<ProductCatalog>().AddSingleton<ScoringService>()
            .AddSingleton(new RecentImages(options.RecentImageBytes))
            .AddHostedService<StartUp>();
    }
}
