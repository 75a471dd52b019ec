using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace CobraAD.Validation;

/// <summary>The checks of all options. What they throw names the option, its value and what is allowed.</summary>
/// <remarks>Comparisons are written so that NaN fails. An option that may be left out passes when it is <see langword="null"/>.</remarks>
internal static class OptionCheck
{
    /// <summary>An option lies in a range, both ends included.</summary>
    public static void Require<T>(T value, T lowest, T highest, [CallerArgumentExpression(nameof(value))] string option = "")
        where T : struct, INumber<T>
    {
        if (!(value >= lowest && value <= highest)) throw Outside(option, value, $"between {lowest} and {highest}");
    }

    /// <inheritdoc cref="Require{T}(T, T, T, string)"/>
    public static void Require<T>(T? value, T lowest, T highest, [CallerArgumentExpression(nameof(value))] string option = "")
        where T : struct, INumber<T>
    {
        if (value is { } given) Require(given, lowest, highest, option);
    }

    /// <summary>An option has a lower end only.</summary>
    public static void RequireAtLeast<T>(T value, T lowest, [CallerArgumentExpression(nameof(value))] string option = "")
        where T : struct, INumber<T>
    {
        if (!(value >= lowest)) throw Outside(option, value, $"at least {lowest}");
    }

    /// <inheritdoc cref="RequireAtLeast{T}(T, T, string)"/>
    public static void RequireAtLeast<T>(T? value, T lowest, [CallerArgumentExpression(nameof(value))] string option = "")
        where T : struct, INumber<T>
    {
        if (value is { } given) RequireAtLeast(given, lowest, option);
    }

    /// <summary>An option is above 0, and at most the highest allowed.</summary>
    public static void RequirePositive(double value, double highest, [CallerArgumentExpression(nameof(value))] string option = "")
    {
        if (!(value > 0 && value <= highest)) throw Outside(option, value, $"above 0 and at most {highest}");
    }

    /// <inheritdoc cref="RequirePositive(double, double, string)"/>
    public static void RequirePositive(double? value, double highest, [CallerArgumentExpression(nameof(value))] string option = "")
    {
        if (value is { } given) RequirePositive(given, highest, option);
    }

    /// <summary>An option is a share that never reaches the whole.</summary>
    public static void RequireBelowOne(double value, [CallerArgumentExpression(nameof(value))] string option = "") =>
        Require(value, value is >= 0 and < 1, "at least 0 and below 1", option);

    /// <summary>An option is one of the members of its enumeration.</summary>
    public static void RequireDefined<T>(T value, [CallerArgumentExpression(nameof(value))] string option = "")
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value)) throw Outside(option, value, $"one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    /// <summary>Every other condition.</summary>
    /// <param name="value">What was given.</param>
    /// <param name="isAllowed">Whether it may stay.</param>
    /// <param name="allowed">What may stand there, in words that go on after "must be".</param>
    /// <param name="option">Its name.</param>
    public static void Require<T>(T value, bool isAllowed, string allowed, [CallerArgumentExpression(nameof(value))] string option = "")
    {
        if (!isAllowed) throw Outside(option, value, $"{allowed}");
    }

    /// <summary>The same for an option that is a list: the message shows its entries.</summary>
    public static void RequireList<T>(IReadOnlyList<T> values, bool isAllowed, string allowed, [CallerArgumentExpression(nameof(values))] string option = "")
    {
        if (!isAllowed) throw Outside(option, string.Join(", ", values), $"{allowed}");
    }

    /// <summary>Numbers read the same in every country.</summary>
    private static ArgumentOutOfRangeException Outside(string option, object? value, FormattableString allowed) =>
        new(option, value, $"{option} must be {allowed.ToString(CultureInfo.InvariantCulture)}.");
}
