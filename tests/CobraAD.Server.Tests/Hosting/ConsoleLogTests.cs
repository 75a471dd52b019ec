using CobraAD.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace CobraAD.Server.Tests.Hosting;

public sealed class ConsoleLogTests
{
    /// <summary>The framework's own choice is to wait, and with it waited every part behind. tests/torture watches a folder with a log that nobody reads.</summary>
    [Fact]
    public void A_log_that_nobody_reads_is_not_waited_for()
    {
        using ServiceProvider services = new ServiceCollection().AddLogging(logging => logging.AddConsoleLog()).BuildServiceProvider();

        Assert.Equal(ConsoleLoggerQueueFullMode.DropWrite, services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.QueueFullMode);
    }
}
