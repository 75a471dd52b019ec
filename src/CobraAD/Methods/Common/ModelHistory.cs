using System.Text.Json.Nodes;
using CobraAD.Detection;
using CobraAD.Serialization;

namespace CobraAD.Methods.Common;

/// <summary>The history of a model in its file: absent when nothing was done to it, so that a model as trained is written as it always was.</summary>
internal static class ModelHistory
{
    public static JsonNode? ToNode(IReadOnlyList<ModelUpdate> history) => history.Count == 0 ? null : CobraJson.ToNode(history);

    /// <exception cref="ModelFormatException">The section is damaged.</exception>
    public static IReadOnlyList<ModelUpdate> Read(JsonNode? node, string path) =>
        node is null ? [] : CobraJson.FromNode<ModelUpdate[]>(node, $"{path}, manifest.json, history");
}
