using CobraAD.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CobraAD.Server.Tests.Hosting;

public sealed class BackgroundFaultsTests
{
    [Fact]
    public async Task A_part_that_fails_makes_the_end_a_failure()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHostedService<Failing>();
        builder.Logging.ClearProviders();
        using IHost host = builder.Build();
        await host.StartAsync(default);
        await host.WaitForShutdownAsync(default);

        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => BackgroundFaults.ThrowIfAny(host.Services));

        Assert.Contains("It is broken.", failure.Message, StringComparison.Ordinal);
    }

    private sealed class Failing : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new NotSupportedException("It is broken.");
        }
    }
}
