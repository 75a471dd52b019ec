using CobraAD.Export.Graph;
using CobraAD.Transforms;
using static TorchSharp.torch;

namespace CobraAD.Export.Layers;

/// <summary>
/// Linear maps along one axis of a map as matrices [target, source] in float64: A M Bᵀ applies one along each axis. ONNX Runtime's own operators for these
/// work in float32 alone, which is too coarse for scores that are the maximum of a map.
/// </summary>
/// <param name="Target">Places that come out.</param>
/// <param name="Source">Places that go in.</param>
/// <param name="Values">Row by row.</param>
internal sealed record AxisMatrix(int Target, int Source, double[] Values)
{
    /// <summary>Linear interpolation between places, with the first and the last staying the first and the last.</summary>
    public static AxisMatrix Enlarge(int source, int target)
    {
        double[] values = new double[target * source];
        for (int i = 0; i < target; i++)
        {
            double position = target == 1 ? 0 : i * (source - 1.0) / (target - 1);
            int first = Math.Min((int)position, source - 1), second = Math.Min(first + 1, source - 1);
            values[i * source + first] += 1 - (position - first);
            values[i * source + second] += position - first;
        }

        return new AxisMatrix(target, source, values);
    }

    /// <summary>The Gaussian blur of <see cref="GaussianBlur.Apply"/>, with the border reflected.</summary>
    public static AxisMatrix Blur(int size, int radius, double sigma)
    {
        using Tensor kernel = GaussianBlur.Kernel(radius, sigma);
        double[] weights = kernel.data<double>().ToArray(), values = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int k = -radius; k <= radius; k++)
            {
                int place = Math.Abs(i + k);
                values[i * size + (place < size ? place : 2 * (size - 1) - place)] += weights[k + radius];
            }
        }

        return new AxisMatrix(size, size, values);
    }

    /// <summary>The mean over an odd window around each place; beyond the border there is 0.</summary>
    public static AxisMatrix Window(int size, int side)
    {
        double[] values = new double[size * size];
        for (int i = 0; i < size; i++)
            for (int j = Math.Max(0, i - side / 2); j <= Math.Min(size - 1, i + side / 2); j++)
                values[i * size + j] = 1.0 / side;
        return new AxisMatrix(size, size, values);
    }

    /// <summary>First the other map, then this one.</summary>
    public AxisMatrix After(AxisMatrix other)
    {
        double[] values = new double[Target * other.Source];
        for (int i = 0; i < Target; i++)
            for (int k = 0; k < Source; k++)
                if (Values[i * Source + k] is var weight and not 0)
                    for (int j = 0; j < other.Source; j++)
                        values[i * other.Source + j] += weight * other.Values[k * other.Source + j];
        return new AxisMatrix(Target, other.Source, values);
    }

    /// <summary>Applies one matrix down the columns of maps and one along their rows.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="maps">float64 [.., down's source, along's source].</param>
    /// <param name="down">Of the height.</param>
    /// <param name="along">Of the width.</param>
    /// <returns>float64 [.., down's target, along's target].</returns>
    public static OnnxValue Apply(OnnxGraph graph, OnnxValue maps, AxisMatrix down, AxisMatrix along) =>
        graph.MatrixProduct(graph.MatrixProduct(down.In(graph), maps), graph.Transpose(along.In(graph), 1, 0));

    private OnnxValue In(OnnxGraph graph) => graph.Doubles(Values, [Target, Source]);
}
