using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace CobraAD.Cli.Values;

/// <summary>Numbers in a range, checked by the parser: a wrong one is a usage error before anything runs.</summary>
internal static class NumberOption
{
    /// <summary>A parser of numbers in [<paramref name="least"/>, <paramref name="most"/>].</summary>
    public static Func<ArgumentResult, T> Within<T>(T least, T most)
        where T : INumber<T> =>
        result => TryRead(result, least, most, out T value) ? value : T.Zero;

    /// <summary>The same for an option that may be left out.</summary>
    public static Func<ArgumentResult, T?> OptionalWithin<T>(T least, T most)
        where T : struct, INumber<T> =>
        result => TryRead(result, least, most, out T value) ? value : null;

    private static bool TryRead<T>(ArgumentResult result, T least, T most, out T value)
        where T : INumber<T>
    {
        string text = result.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value!) && value >= least && value <= most) return true;
        string option = result.Parent is OptionResult { Option.Name: var name } ? name : "The value";
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option} must be a number between {least} and {most}, found '{text}'."));
        return false;
    }
}
