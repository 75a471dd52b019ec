using CobraAD.Server.Results;
using CobraAD.Server.Scoring;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CobraAD.Server.Hosting;

/// <summary>Ready: every model is loaded, the database takes results, and the service is not stopping.</summary>
internal sealed class ReadinessCheck(ProductCatalog products, IResultStore store, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested) return HealthCheckResult.Unhealthy("The service is stopping.");
        if (products.All.Any(product => !product.Models.IsLoaded)) return HealthCheckResult.Unhealthy("No model is loaded.");
        await store.CheckAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
