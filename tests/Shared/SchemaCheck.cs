using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CobraAD.Testing;

/// <summary>
/// Checks a JSON tree against the part of JSON Schema 2020-12 that our schema uses. A keyword that it does not know is an error, so the
/// schema cannot promise something that goes unchecked.
/// </summary>
internal sealed class SchemaCheck(JsonNode root)
{
    private static readonly string[] Annotations = ["$schema", "$defs", "title", "description", "format", "contentEncoding", "contentMediaType"];

    /// <summary>What is wrong, each with its place; empty when the tree fits.</summary>
    public List<string> Violations(JsonNode? tree)
    {
        List<string> found = [];
        Check(root.AsObject(), tree, "$", found);
        return found;
    }

    private void Check(JsonObject schema, JsonNode? value, string at, List<string> found)
    {
        foreach ((string keyword, JsonNode? rule) in schema)
        {
            bool holds = keyword switch
            {
                "$ref" => CheckAll(Resolve((string)rule!), value, at, found),
                "type" => (rule is JsonArray types ? types.Select(type => (string)type!) : [(string)rule!]).Any(type => HasType(type, value)),
                "const" => JsonNode.DeepEquals(rule, value),
                "enum" => rule!.AsArray().Any(allowed => JsonNode.DeepEquals(allowed, value)),
                "minimum" => value is null || !HasType("number", value) || (double)value >= (double)rule!,
                "maximum" => value is null || !HasType("number", value) || (double)value <= (double)rule!,
                "pattern" => value is null || Regex.IsMatch((string)value!, (string)rule!),
                "minItems" => value is not JsonArray items || items.Count >= (int)rule!,
                "items" => value is not JsonArray elements || elements.Select((element, i) => CheckAll(rule!.AsObject(), element, $"{at}[{i}]", found)).All(_ => true),
                "required" => value is not JsonObject members || rule!.AsArray().All(name => members.ContainsKey((string)name!)),
                "properties" => value is not JsonObject parent || rule!.AsObject().All(pair => !parent.TryGetPropertyValue(pair.Key, out JsonNode? child) || CheckAll(pair.Value!.AsObject(), child, $"{at}.{pair.Key}", found)),
                "additionalProperties" => value is not JsonObject owner || owner.All(pair => schema["properties"]!.AsObject().ContainsKey(pair.Key)),
                "anyOf" => rule!.AsArray().Any(option => new List<string>() is { } trial && CheckAll(option!.AsObject(), value, at, trial) && trial.Count == 0),
                _ => Annotations.Contains(keyword) ? true : throw new NotSupportedException($"Schema keyword {keyword}"),
            };
            if (!holds) found.Add($"{at}: {keyword} {rule!.ToJsonString()} against {Shorten(value)}");
        }
    }

    private bool CheckAll(JsonObject schema, JsonNode? value, string at, List<string> found)
    {
        Check(schema, value, at, found);
        return true;
    }

    private JsonObject Resolve(string reference) => root["$defs"]![reference["#/$defs/".Length..]]!.AsObject();

    private static bool HasType(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) or ("string", JsonValueKind.String) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => value!.AsValue().TryGetValue(out double number) && number == Math.Floor(number),
        _ => false,
    };

    private static string Shorten(JsonNode? value)
    {
        string text = value?.ToJsonString() ?? "null";
        return text.Length > 60 ? text[..60] + "…" : text;
    }
}
