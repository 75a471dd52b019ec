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
        where T : struct, INumber<T> =>
        Require(value, value >= lowest && value <= highest, Invariant($"between {lowest} and {highest}"), option);

    /// <inheritdoc cref="Require{T}(T, T, T, string)"/>
    public static void Require<T>(T? value, T lowest, T highest, [CallerArgumentExpression(nameof(value))] string option = "")
        where T : struct, INumber<T>
    {
        if (value is { } given) Require(given, lowest, highest, option);
    }

    /// <summary>An option has a lower end only.</summary>
    public static void RequireAtLeast<T>(T value, T lowest, [CallerArgumentExpression(nameof(value))] string option = "")
        where T : struct, INumber<T> =>
        Require(value, value >= lowest, Invariant($"at least {lowest}"), option);

    /// <inheritdoc cref="RequireAtLeast{T}(T, T, string)"/>
    public static void RequireAtLeast<T>(T? value, T lowest, [CallerArgumentExpression(nameof(value))] string option = "")
        where T : struct, INumber<T>
    {
        if (value is { } given) RequireAtLeast(given, lowest, option);
    }

    /// <summary>An option is above 0, and at most the highest allowed.</summary>
    public static void RequirePositive(double value, double highest, [CallerArgumentExpression(nameof(value))] string option = "") =>
        Require(value, value > 0 && value <= highest, Invariant($"above 0 and at most {highest}"), option);

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
        where T : struct, Enum =>
        Require(value, Enum.IsDefined(value), $"one of {string.Join(", ", Enum.GetNames<T>())}", option);

    /// <summary>Every other condition.</summary>
    /// <param name="value">What was given.</param>
    /// <param name="isAllowed">Whether it may stay.</param>
    /// <param name="allowed">What may stand there, in words that go on after "must be".</param>
    /// <param name="option">Its name.</param>
    public static void Require<T>(T value, bool isAllowed, string allowed, [CallerArgumentExpression(nameof(value))] string option = "")
    {
        if (!isAllowed) throw new ArgumentOutOfRangeException(option, value, $"{option} must be {allowed}.");
    }

    /// <summary>The same for an option that is a list: the message shows its entries.</summary>
    public static void RequireList<T>(IReadOnlyList<T> values, bool isAllowed, string allowed, [CallerArgumentExpression(nameof(values))] string option = "") =>
        Require(string.Join(", ", values), isAllowed, allowed, option);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
