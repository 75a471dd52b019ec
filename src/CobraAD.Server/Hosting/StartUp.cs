using CobraAD.Server.Results;
using CobraAD.Server.Scoring;

namespace CobraAD.Server.Hosting;

/// <summary>Before anything else: the tables are there and every model is loaded, or the service does not start.</summary>
internal sealed class StartUp(ProductCatalog products, IResultStore? store = null) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (store is not null) await store.PrepareAsync(cancellationToken);
        foreach (Product product in products.All) await product.Installer.StartAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
