namespace CobraAD.Numerics;

/// <summary>How many of n ascending values lie on one side of another value: empirical distribution functions, by binary search.</summary>
internal static class Ascending
{
    /// <summary>How many are less.</summary>
    public static int Below(ReadOnlySpan<double> ascending, double value) => First(ascending, value, orEqual: false);

    /// <summary>How many are less or equal.</summary>
    public static int UpTo(ReadOnlySpan<double> ascending, double value) => First(ascending, value, orEqual: true);

    // The framework's search finds any of equal values.
    private static int First(ReadOnlySpan<double> ascending, double value, bool orEqual)
    {
        (int low, int high) = (0, ascending.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ascending[middle] < value || (orEqual && ascending[middle] == value)) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
