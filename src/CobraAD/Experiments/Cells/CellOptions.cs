using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Serialization;

namespace CobraAD.Experiments.Cells;

/// <summary>The options of any method in a cell. COBRA's are written as they are; before another method's stands its name, as "method".</summary>
internal sealed class CellOptions : JsonConverter<DetectorOptions>
{
    private const string Method = "method";

    /// <summary>Options that are younger than the first stores. Left out where they have their defaults, so that cells keep their hashes.</summary>
    private static readonly string[] Younger = ["weightAverageDecay", "scoreConstants", "pseudoAnomalies.adaptiveMix"];

    private static readonly JsonObject Defaults = JsonSerializer.SerializeToNode(new CobraOptions(), CobraJson.Options)!.AsObject();

    /// <summary>The JSON of options, as cells and their hashes hold it.</summary>
    public static JsonObject ToNode(DetectorOptions options) => Node(options, CobraJson.Options);

    public override DetectorOptions Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        JsonObject tree = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("The options are not a JSON object.");
        try
        {
            string? name = (string?)tree[Method];
            tree.Remove(Method);
            return (DetectorOptions)tree.Deserialize(name is null ? typeof(CobraOptions) : DetectionMethods.Get(name).OptionsType, options)!;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    public override void Write(Utf8JsonWriter writer, DetectorOptions value, JsonSerializerOptions options) => Node(value, options).WriteTo(writer, options);

    private static JsonObject Node(DetectorOptions value, JsonSerializerOptions options)
    {
        JsonObject tree = JsonSerializer.SerializeToNode(value, value.GetType(), options)!.AsObject();
        if (value is not CobraOptions) tree.Insert(0, Method, DetectionMethods.Of(value).Name);
        else foreach (string path in Younger) RemoveDefault(tree, Defaults, path.Split('.'));
        return tree;
    }

    private static void RemoveDefault(JsonObject tree, JsonObject defaults, ReadOnlySpan<string> path)
    {
        if (path.Length > 1) RemoveDefault(tree[path[0]]!.AsObject(), defaults[path[0]]!.AsObject(), path[1..]);
        else if (JsonNode.DeepEquals(tree[path[0]], defaults[path[0]])) tree.Remove(path[0]);
    }
}
