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
        .Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
