using System.Text.Json.Nodes;

namespace CobraAD.Serialization;

/// <summary>Says how two JSON trees differ.</summary>
internal static class JsonDifference
{
    /// <summary>The first member that differs, as "attack.epsilon is 0.02, was 0.01".</summary>
    public static string First(JsonNode? before, JsonNode? now) => First(before, now, "");

    private static string First(JsonNode? before, JsonNode? now, string path)
    {
        if (before is JsonObject old && now is JsonObject current)
        {
            foreach (string name in old.Select(pair => pair.Key).Union(current.Select(pair => pair.Key)))
            {
                if (!JsonNode.DeepEquals(old[name], current[name])) return First(old[name], current[name], path.Length == 0 ? name : $"{path}.{name}");
            }
        }

        return $"{path} is {now?.ToJsonString() ?? "not set"}, was {before?.ToJsonString() ?? "not set"}";
    }
}
