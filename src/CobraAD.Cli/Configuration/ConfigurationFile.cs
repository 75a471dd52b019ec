using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
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
        JsonNode? changes;
        try
        {
            byte[] content = File.ReadAllBytes(InputFile.Existing("--config", path));
            changes = CobraJson.Parse(content, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            // The parser counts from 0.
            string where = exception is { LineNumber: { } line, BytePositionInLine: { } place } ? $", line {line + 1}, character {place + 1}" : "";
            throw new UsageException($"{path}{where} is not valid JSON: {exception.Message.Split(" LineNumber", 2)[0]}");
        }

        if (changes is not JsonObject section) throw new UsageException($"{path} must hold a JSON object like the one that --print-config prints.");

        // The options of the detection methods are known here by their common base only.
        Type type = options.GetType();
        JsonObject tree = JsonSerializer.SerializeToNode(options, type, CobraJson.Options)!.AsObject();
        // Some options are written only where they are set; a file may set them all the same.
        foreach (JsonPropertyInfo member in CobraJson.Options.GetTypeInfo(type).Properties) tree.TryAdd(member.Name, null);
        Merge(tree, section, path, "");
        try
        {
            return (T)tree.Deserialize(type, CobraJson.Options)!;
        }
        catch (JsonException exception)
        {
            throw new UsageException($"{path}: {ValueMistake.Of(exception, tree, type)}");
        }
    }

    private static void Merge(JsonObject target, JsonObject changes, string path, string prefix)
    {
        foreach ((string key, JsonNode? value) in changes)
        {
            string name = prefix + key;
            if (!target.ContainsKey(key))
            {
                string nearest = prefix + Spelling.Nearest(key, target.Select(member => member.Key));
                throw new UsageException($"{path}: there is no option \"{name}\"; the nearest is \"{nearest}\". --print-config shows all of them.");
            }

            if (target[key] is JsonObject inner && value is JsonObject innerChanges) Merge(inner, innerChanges, path, name + ".");
            else target[key] = value?.DeepClone();
        }
    }
}
