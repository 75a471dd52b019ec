using Microsoft.Extensions.Logging.Console;

namespace CobraAD.Server.Hosting;

/// <summary>How the service's log looks on the console.</summary>
internal static class ConsoleLog
{
    /// <summary>One line for each message, on standard error; the framework only from warnings up.</summary>
    /// <param name="logging">The application's logging.</param>
    public static void AddConsoleLog(this ILoggingBuilder logging) => logging
        .AddSimpleConsole(console => console.SingleLine = true)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information)
        // What keeps the service from starting is thrown, and said once, without a stack trace.
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
        .AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => level is LogLevel.Warning or LogLevel.Error)
        .Services.Configure<ConsoleLoggerOptions>(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            // A terminal that is stopped, or a pipe that nobody reads, must not stop the line: what no longer fits into the queue is counted, not waited for.
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
}
