using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CobraAD.Cli.Values;
using CobraAD.Serialization;

namespace CobraAD.Cli.Configuration;

/// <summary>A JSON file that sets any of the options that <c>--print-config</c> shows.</summary>
internal static class ConfigurationFile
{
    /// <summary>The options with the file's values in place of their own.</summary>
    /// <param name="options">The options to start from.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="UsageException">The file is missing or no JSON object, sets an unknown option, or gives a value that does not fit.</exception>
    public static T Apply<T>(T options, string path)
        where T : notnull
    {
        JsonObject section = Read(path);
        // The options of the detection methods are known here by their common base only.
        Type type = options.GetType();
        JsonObject tree = JsonSerializer.SerializeToNode(options, type, CobraJson.Options)!.AsObject();
        Merge(tree, section, type, path, "");
        try
        {
            return (T)tree.Deserialize(type, CobraJson.Options)!;
        }
        catch (JsonException exception)
        {
            throw new UsageException($"{path}: {ValueMistake.Of(exception, tree, type)}");
        }
    }

    /// <summary>What is wrong with options, with the file where it sets any of them, which are then called as it calls them.</summary>
    /// <param name="path">The file; <see langword="null"/> where there is none.</param>
    /// <param name="mistake">What is wrong, in the library's words: it calls options by the names of their properties.</param>
    public static string Blame(string? path, string mistake)
    {
        if (path is null) return mistake;
        string named = mistake;
        foreach ((string name, string whole) in Names(Read(path), "")) named = Regex.Replace(named, $@"(?<![\w.]){char.ToUpperInvariant(name[0])}{Regex.Escape(name[1..])}\b", whole);
        return named == mistake ? mistake : $"{path}: {named}";
    }

    /// <summary>The options that a file sets: each by its own name and by the names of the sections that it stands in.</summary>
    private static IEnumerable<(string Name, string Whole)> Names(JsonObject section, string prefix) => section.SelectMany(member =>
        member.Value is JsonObject inner ? Names(inner, $"{prefix}{member.Key}.") : [(member.Key, prefix + member.Key)]);

    private static JsonObject Read(string path)
    {
        byte[] content = AsUtf8(path, File.ReadAllBytes(InputFile.Existing("--config", path)));
        const string expected = "a JSON object like the one that --print-config prints";
        if (content.All(letter => char.IsWhiteSpace((char)letter))) throw new UsageException($"{path} is empty; it must hold {expected}.");
        try
        {
            return CobraJson.Parse(content, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false }) as JsonObject
                ?? throw new UsageException($"{path} must hold {expected}.");
        }
        catch (JsonException exception)
        {
            // The parser counts from 0.
            string where = exception is { LineNumber: { } line, BytePositionInLine: { } place } ? $", line {line + 1}, character {place + 1}" : "";
            throw new UsageException($"{path}{where} is not valid JSON: {exception.Message.Split(" LineNumber", 2)[0]}");
        }
    }

    /// <summary>The text as UTF-8: some editors write two or four bytes for each letter, and say so in the first ones.</summary>
    private static byte[] AsUtf8(string path, byte[] content)
    {
        Encoding? wide = content switch
        {
            [0xFF, 0xFE, 0, 0, ..] => new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true),
            [0, 0, 0xFE, 0xFF, ..] => new UTF32Encoding(bigEndian: true, byteOrderMark: true, throwOnInvalidCharacters: true),
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => null,
        };
        try
        {
            if (wide is not null) return Encoding.UTF8.GetBytes(wide.GetString(content.AsSpan(wide.Preamble.Length)));
        }
        catch (DecoderFallbackException)
        {
            throw new UsageException($"{path} begins as {wide!.EncodingName} does, and goes on with what is no such text. Save it as UTF-8.");
        }

        if (content.Contains((byte)0)) throw new UsageException($"{path} is not text in UTF-8: it has zero bytes, as UTF-16 and UTF-32 have. Save it as UTF-8.");
        return content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content;
    }

    private static void Merge(JsonObject target, JsonObject changes, Type? type, string path, string prefix)
    {
        // Some options are written only where they are set; a file may set them all the same.
        Dictionary<string, Type> settable = type is null
            ? [] : CobraJson.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type).Properties.Where(member => member.Set is not null).ToDictionary(member => member.Name, member => member.PropertyType);
        foreach ((string key, JsonNode? value) in changes)
        {
            string name = prefix + key;
            if (!target.ContainsKey(key) && !settable.ContainsKey(key))
            {
                string nearest = prefix + Spelling.Nearest(key, target.Select(member => member.Key).Union(settable.Keys));
                throw new UsageException($"{path}: there is no option \"{name}\"; the nearest is \"{nearest}\". --print-config shows all of them.");
            }

            if (target[key] is JsonObject inner && value is JsonObject innerChanges) Merge(inner, innerChanges, settable.GetValueOrDefault(key), path, name + ".");
            else target[key] = value?.DeepClone();
        }
    }
}
