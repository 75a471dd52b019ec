using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests;

/// <summary>A report that a command wrote, read back.</summary>
internal static class WrittenReport
{
    /// <summary>Its JSON form, after it was checked against the published schema.</summary>
    public static JsonNode Read(string folder)
    {
        SchemaCheck schema = new(JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "report.schema.json")))!);
        JsonNode report = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "report.json")))!;
        Assert.Empty(schema.Violations(report));
        return report;
    }

    /// <summary>The same without what may differ between two runs of one command: when it was made, and how long things took.</summary>
    public static JsonNode WithoutTimes(JsonNode report)
    {
        JsonNode timeless = report.DeepClone();
        Strip(timeless);
        return timeless;

        static void Strip(JsonNode? node)
        {
            if (node is JsonArray list)
            {
                foreach (JsonNode? item in list) Strip(item);
            }
            else if (node is JsonObject members)
            {
                members.Remove("created");
                members.Remove("seconds");
                foreach ((_, JsonNode? member) in members) Strip(member);
            }
        }
    }
}
