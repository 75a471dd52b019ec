using CobraAD.Export.Graph;
using CobraAD.Methods.Common;

namespace CobraAD.Export.Layers;

/// <summary>The map of how anomalous each place is, which is computed on demand.</summary>
internal static class MapGraph
{
    /// <summary>Adds the output "map" and the switch "explain".</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="map">Builds the map in a branch, float32 [B, height, width].</param>
    /// <param name="height">Height of the map.</param>
    /// <param name="width">Width of the map.</param>
    public static void Output(OnnxGraph graph, Func<OnnxGraph, OnnxValue> map, int height, int width)
    {
        OnnxValue explain = graph.Switch(OnnxMetadata.Explain, "Whether to compute the map; off when left out.");
        OnnxValue chosen = graph.Choose(explain, map, branch => branch.Copy(branch.Floats([], [0, height, width])));
        graph.Output(OnnxMetadata.Map, chosen, "How anomalous each place of the resized image is; empty unless 'explain' is true.", "explained", $"{height}", $"{width}");
    }

    /// <summary>What <see cref="ShownWindow.Place"/> does.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="shown">The part of the image that a backbone sees.</param>
    /// <param name="map">float32 [B, 1, rows, columns].</param>
    /// <param name="rows">Rows of the map.</param>
    /// <param name="columns">Columns of the map.</param>
    /// <param name="height">Height of the image.</param>
    /// <param name="width">Width of the image.</param>
    /// <returns>float32 [B, 1, height, width].</returns>
    public static OnnxValue Place(OnnxGraph graph, ShownWindow shown, OnnxValue map, int rows, int columns, int height, int width)
    {
        OnnxValue enlarged = graph.ResizeLinear(map, rows, columns, shown.Rows, shown.Columns);
        return shown.Rows == height && shown.Columns == width
            ? enlarged
            : graph.Pad(enlarged, [0, 0, shown.Top, shown.Left], [0, 0, height - shown.Rows - shown.Top, width - shown.Columns - shown.Left], "edge");
    }
}
