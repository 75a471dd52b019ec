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

    /// <summary>
    /// A tree of JSON from outside, all of whose texts can be read: <see cref="JsonNode"/> looks at a text only when it is asked for it, and one that is no
    /// Unicode is then an error of whoever asked.
    /// </summary>
    /// <param name="utf8">The text, with or without a byte order mark.</param>
    /// <param name="options">What is allowed besides JSON proper.</param>
    /// <exception cref="JsonException">It is not JSON, or a text or name in it is not Unicode.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, JsonDocumentOptions options = default)
    {
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { CommentHandling = options.CommentHandling, AllowTrailingCommas = options.AllowTrailingCommas, MaxDepth = options.MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String) _ = reader.GetString();
            }
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException($"A text before byte {reader.BytesConsumed} is not valid Unicode.", exception);
        }

        return JsonNode.Parse(utf8, documentOptions: options);
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
