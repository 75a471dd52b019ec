using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CobraAD.Serialization;

namespace CobraAD.Cli.Configuration;

/// <summary>Says which option of a configuration has a value that does not fit, and what would: the serializer names its own types instead.</summary>
internal static class ValueMistake
{
    private const string Root = "$.";

    /// <summary>The mistake in a sentence; the serializer's own words where it does not say which option it means.</summary>
    /// <param name="exception">What the serializer threw.</param>
    /// <param name="tree">What it was to read.</param>
    /// <param name="type">As what.</param>
    public static string Of(JsonException exception, JsonObject tree, Type type)
    {
        // Its line and position count in the whole tree of options, not in the user's file.
        string own = exception.Message.Split(" | LineNumber", 2)[0].Split(" LineNumber", 2)[0].TrimEnd('.') + ".";
        if (exception.Path is not { } path || !path.StartsWith(Root, StringComparison.Ordinal)) return own;

        JsonNode? found = tree;
        Type? expected = type;
        string[] names = path[Root.Length..].Split('.');
        foreach (string name in names)
        {
            if (found is not JsonObject section) return own;
            expected = CobraJson.Options.GetTypeInfo(expected).Properties.FirstOrDefault(member => member.Name == name)?.PropertyType;
            if (expected is null || !section.TryGetPropertyValue(name, out found)) return own;
        }

        return $"{string.Join('.', names)} must be {InWords(Nullable.GetUnderlyingType(expected) ?? expected)}, found {found?.ToJsonString() ?? "null"}.";
    }

    private static string InWords(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => "one of " + string.Join(", ", Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => JsonSerializer.Serialize(Enum.ToObject(type, value), type, CobraJson.Options))),
        TypeCode.Int32 or TypeCode.Int64 => "a whole number",
        TypeCode.Double or TypeCode.Single => "a number",
        TypeCode.Boolean => "true or false",
        TypeCode.String => "a text in quotes",
        _ when CobraJson.Options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Enumerable } => "a list in [ ]",
        _ => "an object in { } as --print-config shows it",
    };
}
