namespace CobraAD.Server.Watching;

/// <summary>
/// Listens to what the file system says about a folder. It may fail at any time (too many listeners on this machine, a folder that cannot be
/// read, a drive that goes away) and is then tried again now and then; nobody may depend on it.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="clock">The time.</param>
/// <param name="announce">Called when something changed, from any thread.</param>
/// <param name="silent">Told, once, why nothing is heard.</param>
internal sealed class Announcer(string folder, TimeProvider clock, Action announce, Action<string, string> silent) : IDisposable
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(30);

    private readonly Lock exclusive = new();
    private FileSystemWatcher? system;
    private long lastAttempt;
    private bool isSaid;

    /// <summary>Sees to it that somebody listens, where that is possible.</summary>
    public void Listen()
    {
        lock (exclusive)
        {
            if (system is not null || (lastAttempt != 0 && clock.GetElapsedTime(lastAttempt) < BetweenAttempts)) return;
            lastAttempt = clock.GetTimestamp();
            FileSystemWatcher? attempt = null;
            try
            {
                attempt = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
                attempt.Created += OnChange;
                attempt.Changed += OnChange;
                attempt.Renamed += OnChange;
                attempt.Error += OnError;
                attempt.EnableRaisingEvents = true;
                system = attempt;
            }
            catch (Exception exception)
            {
                attempt?.Dispose();
                Say(exception);
            }
        }
    }

    public void Dispose()
    {
        lock (exclusive) system?.Dispose();
    }

    private void OnChange(object sender, EventArgs arguments) => announce();

    private void OnError(object sender, ErrorEventArgs arguments)
    {
        announce();
        // Too many changes at once only mean to look.
        if (arguments.GetException() is InternalBufferOverflowException) return;
        lock (exclusive)
        {
            if (!ReferenceEquals(sender, system)) return;
            system = null;
            Say(arguments.GetException());
        }

        ((FileSystemWatcher)sender).Dispose();
    }

    private void Say(Exception exception)
    {
        if (!isSaid) silent(folder, exception.Message);
        isSaid = true;
    }
}
