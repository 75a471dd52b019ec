using CobraAD.Export.Graph;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export.Graph;

/// <summary>Every operator that we write, run by ONNX Runtime against TorchSharp.</summary>
public sealed class OnnxOperatorTests
{
    private delegate OnnxValue Build(OnnxGraph graph, OnnxValue x, OnnxValue y);

    private static readonly Dictionary<string, (Build Build, Func<Tensor, Tensor, Tensor> Expected)> Cases = new()
    {
        ["Add"] = ((g, x, y) => g.Add(x, y), (x, y) => x + y),
        ["Subtract"] = ((g, x, y) => g.Subtract(x, y), (x, y) => x - y),
        ["Multiply"] = ((g, x, y) => g.Multiply(x, y), (x, y) => x * y),
        ["Divide"] = ((g, x, y) => g.Divide(x, y), (x, y) => x / y),
        ["Maximum"] = ((g, x, y) => g.Maximum(x, y), maximum),
        ["Minimum"] = ((g, x, y) => g.Minimum(x, y), minimum),
        ["Halves, the first"] = ((g, x, _) => g.Halves(x, 1).First, (x, _) => x.narrow(1, 0, 2)),
        ["Halves, the second"] = ((g, x, _) => g.Halves(x, 0).Second, (x, _) => x.narrow(0, 1, 1)),
        ["Expand"] = ((g, x, _) => g.Expand(g.Number(-1.5), g.Shape(x)), (x, _) => full_like(x, -1.5).to(float64)),
        ["Negate"] = ((g, x, _) => g.Negate(x), (x, _) => -x),
        ["Absolute"] = ((g, x, _) => g.Absolute(x), (x, _) => x.abs()),
        ["SquareRoot"] = ((g, x, _) => g.SquareRoot(g.Absolute(x)), (x, _) => x.abs().sqrt()),
        ["Exponential"] = ((g, x, _) => g.Exponential(x), (x, _) => x.exp()),
        ["Floor"] = ((g, x, _) => g.Floor(x), (x, _) => x.floor()),
        ["Relu"] = ((g, x, _) => g.Relu(x), (x, _) => x.relu()),
        ["Copy"] = ((g, x, _) => g.Copy(x), (x, _) => x.clone()),
        ["Greater"] = ((g, x, y) => g.Greater(x, y), (x, y) => x.gt(y)),
        ["AreEqual"] = ((g, x, y) => g.AreEqual(g.Floor(x), g.Floor(y)), (x, y) => x.floor().eq(y.floor())),
        ["And"] = ((g, x, y) => g.And(g.Greater(x, y), g.Greater(x, g.Negate(y))), (x, y) => x.gt(y).logical_and(x.gt(-y))),
        ["Cast"] = ((g, x, _) => g.Cast(g.Cast(x, OnnxType.Int64), OnnxType.Double), (x, _) => x.to(int64).to(float64)),
        ["Cast through float16"] = ((g, x, _) => g.Cast(g.Cast(x, OnnxType.Float16), OnnxType.Double), (x, _) => x.to(float16).to(float64)),
        ["Cast to int8"] = ((g, x, _) => g.Cast(g.Cast(x, OnnxType.Int8), OnnxType.Double), (x, _) => x.to(int8).to(float64)),
        ["Cast to uint8"] = ((g, x, _) => g.Cast(g.Cast(g.Absolute(x), OnnxType.UInt8), OnnxType.Float), (x, _) => x.abs().to(uint8).to(float32)),
        ["Transpose"] = ((g, x, _) => g.Transpose(x, 3, 0, 2, 1), (x, _) => x.permute(3, 0, 2, 1)),
        ["Shape"] = ((g, x, _) => g.Shape(x), (x, _) => tensor(x.shape)),
        ["Range"] = ((g, x, _) => g.Range(g.Number(0.0), g.Number(7.0), g.Number(1.0)), (_, _) => arange(0.0, 7.0, 1.0, dtype: float64)),
        ["Gather a scalar"] = ((g, x, _) => g.Gather(x, g.Number(1L), 2), (x, _) => x.select(2, 1)),
        ["Gather rows"] = ((g, x, _) => g.Gather(x, g.Integers([1, 0, 1, 1], [2, 2]), 0), (x, _) => x.index_select(0, tensor(new long[] { 1, 0, 1, 1 })).view(2, 2, 4, 6, 6)),
        ["GatherElements"] = ((g, x, y) => g.GatherElements(x, g.Largest(y, 3).Indices, 3), (x, y) => x.gather(3, y.topk(3).indexes)),
        ["Squeeze"] = ((g, x, _) => g.Squeeze(g.Sum(x, 1, keep: true), 1), (x, _) => x.sum(1)),
        ["Unsqueeze"] = ((g, x, _) => g.Unsqueeze(x, 2), (x, _) => x.unsqueeze(2)),
        ["Sum, axis kept"] = ((g, x, _) => g.Sum(x, 2, keep: true), (x, _) => x.sum(2, keepdim: true)),
        ["Sum, axis gone"] = ((g, x, _) => g.Sum(x, 3, keep: false), (x, _) => x.sum(3)),
        ["Softmax"] = ((g, x, _) => g.Softmax(x, 1), (x, _) => x.softmax(1)),
        ["Largest, values"] = ((g, x, _) => g.Largest(x, 4).Values, (x, _) => x.topk(4).values),
        ["Largest, indices"] = ((g, x, _) => g.Largest(x, 4).Indices, (x, _) => x.topk(4).indexes),
        ["Choose, true"] = ((g, x, y) => g.Choose(g.Greater(g.Number(2L), g.Number(1L)), then => then.Add(x, y), other => other.Negate(x)), (x, y) => x + y),
        ["Choose, false"] = ((g, x, y) => g.Choose(g.Greater(g.Number(1L), g.Number(2L)), then => then.Add(x, y), other => other.Multiply(x, other.Absolute(y))), (x, y) => x * y.abs()),
        ["MatrixProduct"] = ((g, x, y) => g.MatrixProduct(x, y), (x, y) => x.reshape(-1, 6, 6).bmm(y.reshape(-1, 6, 6)).view(2, 4, 6, 6)),
    };

    /// <summary>Operators whose parameters ONNX Runtime computes in float32 only.</summary>
    private static readonly Dictionary<string, (Build Build, Func<Tensor, Tensor, Tensor> Expected)> Float32Cases = new()
    {
        ["Convolution"] = ((g, x, y) => g.Convolution(x, Weight(g, [5, 4, 3, 3]), Weight(g, [5]), 3, 2, 1), (x, _) => nn.functional.conv2d(x, Values([5, 4, 3, 3]), Values([5]), [2L, 2L], [1L, 1L])),
        ["Convolution, 1×1"] = ((g, x, y) => g.Convolution(x, Weight(g, [5, 4, 1, 1]), Weight(g, [5]), 1, 1, 0), (x, _) => nn.functional.conv2d(x, Values([5, 4, 1, 1]), Values([5]))),
        ["Convolution, grouped"] = (
            (g, x, y) => g.Convolution(x, Weight(g, [6, 2, 1, 1]), Weight(g, [6]), 1, 1, 0, groups: 2), (x, _) => nn.functional.conv2d(x, Values([6, 2, 1, 1]), Values([6]), groups: 2)),
        ["ErrorFunction"] = ((g, x, _) => g.ErrorFunction(x), (x, _) => x.erf()),
        ["MeanOfFours"] = ((g, x, _) => g.MeanOfFours(x), (x, _) => nn.functional.avg_pool2d(x, 2)),
        ["LayerNormalization"] = ((g, x, _) => g.LayerNormalization(x, Weight(g, [6]), Weight(g, [6]), 1e-3f), (x, _) => nn.functional.layer_norm(x, [6], Values([6]), Values([6]), 1e-3)),
        ["ResizeLinear, corners kept"] = ((g, x, _) => g.ResizeLinear(x, 6, 6, 11, 9, alignCorners: true), (x, _) => nn.functional.interpolate(x, [11, 9], mode: InterpolationMode.Bilinear, align_corners: true)),
        ["MaxPool"] = ((g, x, _) => g.MaxPool(x, 3, 2, 1), (x, _) => nn.functional.max_pool2d(x, 3, 2, 1)),
        ["MaxPoolWithIndices, values"] = ((g, x, _) => g.MaxPoolWithIndices(x, 3, 2, 1).Values, (x, _) => nn.functional.max_pool2d(x, 3, 2, 1)),
        ["MaxPoolWithIndices, indices"] = (
            (g, x, _) => g.Gather(Flat(g, x), g.MaxPoolWithIndices(x, 3, 2, 1).Indices, 0), (x, _) => nn.functional.max_pool2d(x, 3, 2, 1)),
        ["ScatterAdd"] = (
            (g, x, _) => g.ScatterAdd(Flat(g, x), g.Integers([3, 0, 3], [3]), g.Floats([1, 2, 4], [3])),
            (x, _) => x.flatten().scatter_add(0, tensor(new long[] { 3, 0, 3 }), tensor(new float[] { 1, 2, 4 }))),
        ["Flatten"] = ((g, x, _) => g.Flatten(x, 2), (x, _) => x.reshape(8, -1)),
        ["Pad"] = ((g, x, _) => g.Pad(x, [0, 1, 0, 0], [0, 0, 0, 2]), (x, _) => nn.functional.pad(x, [0L, 2L, 0L, 0L, 1L, 0L])),
        ["Reshape"] = ((g, x, _) => g.Reshape(x, g.Integers([8, -1], [2])), (x, _) => x.reshape(8, -1)),
        ["TransposedConvolution"] = (
            (g, x, _) => g.TransposedConvolution(x, Weight(g, [4, 5, 3, 3]), 3, 2, 1, 1, 0),
            (x, _) => nn.functional.conv_transpose2d(x, Values([4, 5, 3, 3]), strides: [2L, 2L], padding: [1L, 1L], output_padding: [1L, 0L])),
        ["GlobalAverage"] = ((g, x, _) => g.GlobalAverage(x), (x, _) => x.mean([2, 3])),
        ["Linear"] = ((g, x, _) => g.Linear(g.GlobalAverage(x), Weight(g, [7, 4]), Weight(g, [7])), (x, _) => nn.functional.linear(x.mean([2, 3]), Values([7, 4]), Values([7]))),
        ["ProductWithRows"] = ((g, x, _) => g.ProductWithRows(g.GlobalAverage(x), Weight(g, [7, 4])), (x, _) => nn.functional.linear(x.mean([2, 3]), Values([7, 4]))),
    };

    public static TheoryData<string, bool> Operators
    {
        get
        {
            TheoryData<string, bool> data = [];
            foreach (string name in Cases.Keys)
            {
                data.Add(name, false);
                data.Add(name, true);
            }

            foreach (string name in Float32Cases.Keys) data.Add(name, false);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void An_operator_computes_what_torch_computes(string name, bool inDouble)
    {
        using DisposeScope scope = NewDisposeScope();
        (Build build, Func<Tensor, Tensor, Tensor> expected) = Cases.TryGetValue(name, out var found) ? found : Float32Cases[name];
        (OnnxType type, ScalarType torchType) = inDouble ? (OnnxType.Double, float64) : (OnnxType.Float, float32);
        Tensor x = Values([2, 4, 6, 6], 1).to(torchType) * 3;
        Tensor y = Values([2, 4, 6, 6], 2).to(torchType) * 3;
        OnnxGraph graph = new("test");
        OnnxValue result = build(graph, graph.Input("x", type, "", "batch", "4", "6", "6"), graph.Input("y", type, "", "batch", "4", "6", "6"));
        graph.Output("result", result, "");

        using OnnxRun run = new(graph);
        Tensor actual = run.Run(("x", x), ("y", y))["result"];

        TensorAssert.Close(expected(x, y), actual, inDouble ? 1e-12 : 1e-5);
    }

    [Fact]
    public void An_optional_input_has_its_value_until_one_is_given()
    {
        using DisposeScope scope = NewDisposeScope();
        OnnxGraph graph = new("test");
        OnnxValue x = graph.Input("x", OnnxType.Double, "", "n");
        graph.Output("result", graph.Add(x, graph.OptionalInput("offset", 5, "")), "", "n");

        using OnnxRun run = new(graph);

        Assert.Equal(6, run.Run(("x", ones(1, dtype: float64)))["result"].item<double>());
        Assert.Equal(3, run.Run(("x", ones(1, dtype: float64)), ("offset", tensor(2.0, float64)))["result"].item<double>());
    }

    [Fact]
    public void Mixed_types_are_refused_where_they_are_written()
    {
        OnnxGraph graph = new("test");

        ArgumentException error = Assert.Throws<ArgumentException>(() => graph.Add(graph.Number(1f), graph.Number(1.0)));

        Assert.Contains("Add", error.Message, StringComparison.Ordinal);
        Assert.Contains("cast it first", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_is_kept()
    {
        OnnxGraph graph = new("test");
        graph.Output("result", graph.Number(1.0), "");

        using OnnxRun run = new(graph);

        Assert.Equal("value", run.Metadata["key"]);
    }

    private static Tensor Values(long[] shape, long seed = 3)
    {
        using Generator rng = new RandomStreams(seed).Create("operator tests");
        return rand(shape, generator: rng) * 2 - 1;
    }

    private static OnnxValue Flat(OnnxGraph graph, OnnxValue value) => graph.Reshape(value, graph.Integers([-1], [1]));

    private static OnnxValue Weight(OnnxGraph graph, long[] shape) => graph.Floats(Values(shape).data<float>().ToArray(), shape);
}
