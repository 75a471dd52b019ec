using System.Text.Json;
using System.Text.Json.Nodes;

namespace CobraAD.Experiments.Paper;

/// <summary>What the paper printed for COBRA and for the other methods, and what is known to be wrong with it.</summary>
internal static class PublishedValues
{
    private static readonly JsonNode Tables = Read("published.json");
    private static readonly JsonNode Baselines = Read("published-baselines.json");
    private static readonly JsonArray Notes = Read("notes.json").AsArray();

    /// <summary>
    /// The number at a path of member names and positions. A name that is not a member is looked for in the table's "columns" and becomes
    /// that position. <see langword="null"/> when the paper printed none there.
    /// </summary>
    public static double? At(string table, params object[] path) => At(Tables, table, path);

    /// <summary>The same among the numbers of the other methods.</summary>
    public static double? OfBaseline(string table, params object[] path) => At(Baselines, table, path);

    /// <summary>The notes on an item as a whole, when no row is given, or on one of its rows and columns.</summary>
    public static IEnumerable<string> NotesOn(string item, string? row = null, string? column = null) => Notes
        .Where(note => (string?)note!["item"] == item && (string?)note["row"] == row && (note["column"] is null || (string?)note["column"] == column))
        .Select(note => (string)note!["note"]!);

    private static double? At(JsonNode tables, string table, object[] path)
    {
        JsonNode? node = tables[table];
        foreach (object step in path)
        {
            int? position = step as int? ?? (node is JsonArray ? Column(tables[table]!, (string)step) : null);
            node = (node, position) switch
            {
                (JsonArray array, { } index) => index < array.Count ? array[index] : null,
                (JsonObject members, null) => members[Member(members, (string)step)],
                _ => null,
            };
        }

        return node is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? value.GetValue<double>() : null;
    }

    /// <summary>Members are matched by their letters and digits alone: the paper's "HazelNut" is MVTec's "hazelnut".</summary>
    private static string Member(JsonObject members, string name) => members.Select(pair => pair.Key).FirstOrDefault(key => Plain(key) == Plain(name)) ?? name;

    private static int? Column(JsonNode table, string name)
    {
        string[] columns = [.. table["columns"]?.AsArray().Select(column => (string)column!) ?? []];
        int position = Array.IndexOf(columns, name);
        return position < 0 ? int.MaxValue : position;
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static JsonNode Read(string file)
    {
        using Stream stream = typeof(PublishedValues).Assembly.GetManifestResourceStream($"CobraAD.Experiments.{file}")
            ?? throw new InvalidOperationException($"The library was built without its resource {file}.");
        return JsonNode.Parse(stream)!;
    }
}
