namespace CobraAD.Server.Hosting;

/// <summary>What ended a part of the service that works on its own.</summary>
internal static class BackgroundFaults
{
    /// <summary>The host stops when such a part fails, and calls that a normal end; whoever started it must hear otherwise.</summary>
    /// <param name="services">The host's services, after it has stopped.</param>
    public static void ThrowIfAny(IServiceProvider services)
    {
        foreach (BackgroundService part in services.GetServices<IHostedService>().OfType<BackgroundService>())
        {
            if (part.ExecuteTask is { IsFaulted: true } task) throw new InvalidOperationException($"The service has stopped because a part of it failed: {task.Exception.GetBaseException().Message}", task.Exception);
        }
    }
}
