namespace CobraAD.Server.Tests;

/// <summary>Waits for what must happen by itself, for as long as a machine may take that does much else.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Task HoldsAsync(Func<bool> condition) => HoldsAsync(() => Task.FromResult(condition()));

    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        for (long start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < Patience; await Task.Delay(20))
        {
            if (await condition()) return;
        }

        Assert.Fail($"It did not happen within {Patience}.");
    }
}
