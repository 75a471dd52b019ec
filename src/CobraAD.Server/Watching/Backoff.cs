namespace CobraAD.Server.Watching;

/// <summary>When what failed is tried again, ever more rarely, and whether the failure is news.</summary>
/// <param name="first">The pause after the first failure.</param>
/// <param name="longest">The longest pause.</param>
/// <param name="clock">The time.</param>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, TimeProvider clock)
{
    private readonly Dictionary<string, Failure> failures = [];

    /// <summary>Whether something may be tried now.</summary>
    /// <param name="what">What.</param>
    public bool IsDue(string what) => !failures.TryGetValue(what, out Failure? failure) || clock.GetElapsedTime(failure.At) >= failure.Pause;

    /// <summary>Puts the next attempt off.</summary>
    /// <param name="what">What failed.</param>
    /// <param name="reason">Why.</param>
    /// <returns>Whether nothing fails for this reason yet, so that it should be said: a full disk fails every file alike.</returns>
    public bool Failed(string what, string reason)
    {
        bool isNews = failures.Values.All(failure => failure.Reason != reason);
        bool isKnown = failures.TryGetValue(what, out Failure? before);
        TimeSpan pause = isKnown ? TimeSpan.FromTicks(Math.Min(2 * before!.Pause.Ticks, longest.Ticks)) : first;
        failures[what] = new Failure(reason, clock.GetTimestamp(), pause);
        return isNews;
    }

    /// <summary>Forgets earlier failures.</summary>
    /// <param name="what">What went well.</param>
    /// <returns>Whether there had been any.</returns>
    public bool Succeeded(string what) => failures.Remove(what);

    /// <summary>Forgets everything that is no more.</summary>
    /// <param name="present">What there still is.</param>
    public void Keep(IReadOnlySet<string> present)
    {
        foreach (string gone in failures.Keys.Where(what => !present.Contains(what)).ToList()) failures.Remove(gone);
    }

    private sealed record Failure(string Reason, long At, TimeSpan Pause);
}
