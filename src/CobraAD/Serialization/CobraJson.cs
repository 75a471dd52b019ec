using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CobraAD.Serialization;

/// <summary>How every options record, manifest and report is written as JSON and read back.</summary>
public static class CobraJson
{
    /// <summary>
    /// camelCase names, enumerations by name, indented; unknown and repeated members, missing required ones and nulls that a type does
    /// not allow are errors. Comments and trailing commas are accepted, since people write configuration files. NaN and infinities are
    /// written as strings: a diverged statistic must not lose the file that reports it.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>A record as a JSON tree.</summary>
    /// <param name="value">The record.</param>
    /// <typeparam name="T">Its type.</typeparam>
    public static JsonNode? ToNode<T>(T value) => JsonSerializer.SerializeToNode(value, Options);

    /// <summary>A record from a JSON tree that was read from a model file.</summary>
    /// <param name="node">The tree; <see langword="null"/> when the section is missing.</param>
    /// <param name="where">What is read, for the error message, e.g. "model.cobra, manifest.json, options".</param>
    /// <typeparam name="T">The record's type.</typeparam>
    /// <exception cref="ModelFormatException">The section is missing, has unknown members or does not fit the type.</exception>
    public static T FromNode<T>(JsonNode? node, string where)
    {
        if (node is null) throw new ModelFormatException($"{where}: the section is missing; it should hold {typeof(T).Name}. Write the file again with the tool that made it.");
        try
        {
            return node.Deserialize<T>(Options) ?? throw new JsonException("The value is null.");
        }
        catch (JsonException exception)
        {
            throw new ModelFormatException($"{where}: {exception.Message} Expected {typeof(T).Name}. Correct the value, or write the file again with the tool that made it.", exception);
        }
    }

    private static JsonSerializerOptions Create()
    {
        JsonSerializerOptions options = new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DictionaryKeyPolicy = null,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            ReadCommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            WriteIndented = true,
            NewLine = "\n",
            // Readable Greek letters and signs: the files are data, never pasted into a page.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
