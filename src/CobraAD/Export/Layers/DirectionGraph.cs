using CobraAD.Export.Graph;
using CobraAD.Losses;

namespace CobraAD.Export.Layers;

/// <summary>Directions of vectors, and gradients through them.</summary>
internal static class DirectionGraph
{
    /// <summary>ẑ = z / (‖z‖ + 1e-8).</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="vectors">float64.</param>
    /// <param name="axis">Along which their numbers lie.</param>
    public static OnnxValue Normalize(OnnxGraph graph, OnnxValue vectors, long axis)
    {
        OnnxValue norm = graph.SquareRoot(graph.Sum(graph.Multiply(vectors, vectors), axis, keep: true));
        return graph.Divide(vectors, graph.Add(norm, graph.Number(UnitLength.Floor)));
    }

    /// <summary>The gradient of ⟨z, v⟩/m with m = ‖z‖ + 1e-8 and v held fast: v/m - c z / (m ‖z‖).</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="vectors">z, float32.</param>
    /// <param name="at">v, the gradient at the directions, float64.</param>
    /// <param name="axis">Along which the numbers of a vector lie.</param>
    /// <returns>float32.</returns>
    public static OnnxValue Gradient(OnnxGraph graph, OnnxValue vectors, OnnxValue at, long axis)
    {
        OnnxValue z = graph.Cast(vectors, OnnxType.Double);
        OnnxValue norm = graph.SquareRoot(graph.Sum(graph.Multiply(z, z), axis, keep: true));
        OnnxValue floored = graph.Add(norm, graph.Number(UnitLength.Floor));
        OnnxValue cosine = graph.Divide(graph.Sum(graph.Multiply(z, at), axis, keep: true), floored);
        OnnxValue along = graph.Divide(graph.Multiply(cosine, z), graph.Multiply(floored, graph.Maximum(norm, graph.Number(UnitLength.Floor))));
        return graph.Cast(graph.Subtract(graph.Divide(at, floored), along), OnnxType.Float);
    }
}
