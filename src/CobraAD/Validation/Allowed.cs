namespace CobraAD.Validation;

/// <summary>Says which option is outside its range, its value, and the range.</summary>
internal static class Allowed
{
    public static void Require<T>(string option, T value, bool isAllowed, string range)
    {
        if (!isAllowed) throw new ArgumentOutOfRangeException(option, value, $"{option} must be {range}.");
    }
}
