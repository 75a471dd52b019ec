using System.CommandLine;
using System.CommandLine.Parsing;

namespace CobraAD.Cli.Values;

/// <summary>Options whose text the library reads; what it refuses is a usage error.</summary>
internal static class TextOption
{
    /// <summary>An option of a reference type.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="form">How a value looks, for the help.</param>
    /// <param name="read">Reads a value; throws <see cref="FormatException"/> or <see cref="ArgumentException"/>.</param>
    public static Option<T?> Of<T>(string name, string description, string form, Func<string, T> read)
        where T : class =>
        new(name) { Description = description, HelpName = form, CustomParser = result => Read(result, read, out T? value) ? value : null };

    /// <inheritdoc cref="Of{T}"/>
    public static Option<T?> OfValue<T>(string name, string description, string form, Func<string, T> read)
        where T : struct =>
        new(name) { Description = description, HelpName = form, CustomParser = result => Read(result, read, out T value) ? value : null };

    private static bool Read<T>(ArgumentResult result, Func<string, T> read, out T? value)
    {
        value = default;
        try
        {
            value = read(result.Tokens[0].Value);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            string option = result.Parent is OptionResult { Option.Name: var name } ? $"{name}: " : "";
            result.AddError(option + exception.Message.Split('\n')[0].Split(" (Parameter '")[0]);
            return false;
        }
    }
}
