using System.Runtime.InteropServices;

namespace CobraAD.Export.Graph;

/// <summary>The operators that exported models use, each a thin, type-checked form of the one in the ONNX standard (operator set 17).</summary>
internal static class OnnxOperators
{
    public static OnnxValue Number(this OnnxGraph graph, double value) => graph.Doubles([value], []);

    public static OnnxValue Number(this OnnxGraph graph, float value) => graph.Floats([value], []);

    public static OnnxValue Number(this OnnxGraph graph, long value) => graph.Integers([value], []);

    public static OnnxValue Doubles(this OnnxGraph graph, ReadOnlySpan<double> values, ReadOnlySpan<long> shape) =>
        graph.Constant(OnnxType.Double, shape, MemoryMarshal.AsBytes(values).ToArray());

    public static OnnxValue Floats(this OnnxGraph graph, ReadOnlySpan<float> values, ReadOnlySpan<long> shape, string label = "constant") =>
        graph.Constant(OnnxType.Float, shape, MemoryMarshal.AsBytes(values).ToArray(), label);

    public static OnnxValue Integers(this OnnxGraph graph, ReadOnlySpan<long> values, ReadOnlySpan<long> shape) =>
        graph.Constant(OnnxType.Int64, shape, MemoryMarshal.AsBytes(values).ToArray());

    public static OnnxValue Add(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Pair("Add", left, right);

    public static OnnxValue Subtract(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Pair("Sub", left, right);

    public static OnnxValue Multiply(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Pair("Mul", left, right);

    public static OnnxValue Divide(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Pair("Div", left, right);

    public static OnnxValue Maximum(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Pair("Max", left, right);

    public static OnnxValue Minimum(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Pair("Min", left, right);

    /// <summary>Matrix product over the last two dimensions; the others broadcast.</summary>
    public static OnnxValue MatrixProduct(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Pair("MatMul", left, right);

    public static OnnxValue Negate(this OnnxGraph graph, OnnxValue value) => graph.Node("Neg", value.Type, [value]);

    public static OnnxValue Absolute(this OnnxGraph graph, OnnxValue value) => graph.Node("Abs", value.Type, [value]);

    public static OnnxValue SquareRoot(this OnnxGraph graph, OnnxValue value) => graph.Node("Sqrt", value.Type, [value]);

    public static OnnxValue Exponential(this OnnxGraph graph, OnnxValue value) => graph.Node("Exp", value.Type, [value]);

    public static OnnxValue Logarithm(this OnnxGraph graph, OnnxValue value) => graph.Node("Log", value.Type, [value]);

    public static OnnxValue ErrorFunction(this OnnxGraph graph, OnnxValue value) => graph.Node("Erf", value.Type, [value]);

    public static OnnxValue Floor(this OnnxGraph graph, OnnxValue value) => graph.Node("Floor", value.Type, [value]);

    public static OnnxValue Relu(this OnnxGraph graph, OnnxValue value) => graph.Node("Relu", value.Type, [value]);

    public static OnnxValue Copy(this OnnxGraph graph, OnnxValue value) => graph.Node("Identity", value.Type, [value]);

    public static OnnxValue Greater(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Pair("Greater", left, right, OnnxType.Bool);

    public static OnnxValue AreEqual(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Pair("Equal", left, right, OnnxType.Bool);

    public static OnnxValue And(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Pair("And", left, right, OnnxType.Bool);

    public static OnnxValue Cast(this OnnxGraph graph, OnnxValue value, OnnxType type) =>
        value.Type == type ? value : graph.Node("Cast", type, [value], OnnxAttribute.Integer("to", (long)type));

    public static OnnxValue Transpose(this OnnxGraph graph, OnnxValue value, params ReadOnlySpan<long> order) =>
        graph.Node("Transpose", value.Type, [value], OnnxAttribute.Integers("perm", order));

    public static OnnxValue Shape(this OnnxGraph graph, OnnxValue value) => graph.Node("Shape", OnnxType.Int64, [value]);

    /// <summary>start, start + 1, … up to but not including limit.</summary>
    public static OnnxValue Range(this OnnxGraph graph, OnnxValue start, OnnxValue limit, OnnxValue step) =>
        graph.Node("Range", Same("Range", Same("Range", start, limit), step).Type, [start, limit, step]);

    /// <summary>Picks entries along an axis; a scalar index removes the axis.</summary>
    public static OnnxValue Gather(this OnnxGraph graph, OnnxValue value, OnnxValue indices, long axis) =>
        graph.Node("Gather", value.Type, [value, Expect("Gather", indices, OnnxType.Int64)], OnnxAttribute.Integer("axis", axis));

    /// <summary>Picks one entry for each position of the indices along an axis.</summary>
    public static OnnxValue GatherElements(this OnnxGraph graph, OnnxValue value, OnnxValue indices, long axis) =>
        graph.Node("GatherElements", value.Type, [value, Expect("GatherElements", indices, OnnxType.Int64)], OnnxAttribute.Integer("axis", axis));

    public static OnnxValue Squeeze(this OnnxGraph graph, OnnxValue value, long axis) =>
        graph.Node("Squeeze", value.Type, [value, graph.Integers([axis], [1])]);

    public static OnnxValue Unsqueeze(this OnnxGraph graph, OnnxValue value, long axis) =>
        graph.Node("Unsqueeze", value.Type, [value, graph.Integers([axis], [1])]);

    /// <summary>Sums over one axis, which stays with size 1 or goes.</summary>
    public static OnnxValue Sum(this OnnxGraph graph, OnnxValue value, long axis, bool keep) =>
        graph.Node("ReduceSum", value.Type, [value, graph.Integers([axis], [1])], OnnxAttribute.Integer("keepdims", keep ? 1 : 0));

    public static OnnxValue Softmax(this OnnxGraph graph, OnnxValue value, long axis) =>
        graph.Node("Softmax", value.Type, [value], OnnxAttribute.Integer("axis", axis));

    /// <summary>The largest entries along the last axis, largest first.</summary>
    public static (OnnxValue Values, OnnxValue Indices) Largest(this OnnxGraph graph, OnnxValue value, long count) =>
        graph.Largest(value, graph.Integers([count], [1]));

    /// <summary>The same, as many as int64 [1] says when the model runs.</summary>
    public static (OnnxValue Values, OnnxValue Indices) Largest(this OnnxGraph graph, OnnxValue value, OnnxValue count) =>
        graph.Node("TopK", value.Type, OnnxType.Int64, [value, Expect("TopK", count, OnnxType.Int64)], OnnxAttribute.Integer("axis", -1));

    /// <summary>The largest entry of a vector, [1].</summary>
    public static OnnxValue LargestOfAll(this OnnxGraph graph, OnnxValue value) =>
        graph.Node("ReduceMax", value.Type, [value], OnnxAttribute.Integers("axes", 0), OnnxAttribute.Integer("keepdims", 1));

    public static OnnxValue Convolution(
        this OnnxGraph graph, OnnxValue value, OnnxValue weight, OnnxValue bias, long kernel, long stride, long padding, long groups = 1) =>
        graph.Node(
            "Conv",
            Same("Conv", Same("Conv", value, weight), bias).Type,
            [value, weight, bias],
            OnnxAttribute.Integer("group", groups),
            OnnxAttribute.Integers("kernel_shape", kernel, kernel),
            OnnxAttribute.Integers("strides", stride, stride),
            OnnxAttribute.Integers("pads", padding, padding, padding, padding));

    public static OnnxValue MaxPool(this OnnxGraph graph, OnnxValue value, long kernel, long stride, long padding) =>
        graph.Node(
            "MaxPool",
            value.Type,
            [value],
            OnnxAttribute.Integers("kernel_shape", kernel, kernel),
            OnnxAttribute.Integers("strides", stride, stride),
            OnnxAttribute.Integers("pads", padding, padding, padding, padding));

    /// <summary>The same, and where each maximum was, counted over the whole flattened tensor.</summary>
    public static (OnnxValue Values, OnnxValue Indices) MaxPoolWithIndices(this OnnxGraph graph, OnnxValue value, long kernel, long stride, long padding) =>
        graph.Node(
            "MaxPool",
            value.Type,
            OnnxType.Int64,
            [value],
            OnnxAttribute.Integers("kernel_shape", kernel, kernel),
            OnnxAttribute.Integers("strides", stride, stride),
            OnnxAttribute.Integers("pads", padding, padding, padding, padding));

    /// <summary>Adds each update to the entry of a vector that its index names; an entry may be named several times.</summary>
    public static OnnxValue ScatterAdd(this OnnxGraph graph, OnnxValue vector, OnnxValue indices, OnnxValue updates) =>
        graph.Node(
            "ScatterElements",
            Same("ScatterElements", vector, updates).Type,
            [vector, Expect("ScatterElements", indices, OnnxType.Int64), updates],
            OnnxAttribute.Integer("axis", 0),
            OnnxAttribute.Text("reduction", "add"));

    /// <summary>Two dimensions: the product of those before an axis, and of those from it on.</summary>
    public static OnnxValue Flatten(this OnnxGraph graph, OnnxValue value, long axis) =>
        graph.Node("Flatten", value.Type, [value], OnnxAttribute.Integer("axis", axis));

    /// <summary>Puts zeros before and behind each dimension.</summary>
    public static OnnxValue Pad(this OnnxGraph graph, OnnxValue value, ReadOnlySpan<long> before, ReadOnlySpan<long> behind) =>
        graph.Node("Pad", value.Type, [value, graph.Integers([.. before, .. behind], [before.Length + behind.Length])]);

    /// <summary>The same with what lies there in place of zeros.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="value">The tensor.</param>
    /// <param name="before">Places before each dimension.</param>
    /// <param name="behind">Places behind each dimension.</param>
    /// <param name="mode">"edge" repeats the border, "reflect" mirrors without it.</param>
    public static OnnxValue Pad(this OnnxGraph graph, OnnxValue value, ReadOnlySpan<long> before, ReadOnlySpan<long> behind, string mode) =>
        graph.Node("Pad", value.Type, [value, graph.Integers([.. before, .. behind], [before.Length + behind.Length])], OnnxAttribute.Text("mode", mode));

    /// <summary>A part along some axes, from the starts up to but not including the ends.</summary>
    public static OnnxValue Slice(this OnnxGraph graph, OnnxValue value, ReadOnlySpan<long> starts, ReadOnlySpan<long> ends, ReadOnlySpan<long> axes) =>
        graph.Node("Slice", value.Type, [value, graph.Integers(starts, [starts.Length]), graph.Integers(ends, [ends.Length]), graph.Integers(axes, [axes.Length])]);

    /// <summary>A part of known size at a place that is known only when the model runs.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="value">The whole.</param>
    /// <param name="starts">Where the part begins along each axis, int64 [axes].</param>
    /// <param name="sizes">How long it is along each axis.</param>
    /// <param name="axes">Which axes.</param>
    public static OnnxValue Window(this OnnxGraph graph, OnnxValue value, OnnxValue starts, ReadOnlySpan<long> sizes, ReadOnlySpan<long> axes) =>
        graph.Node("Slice", value.Type, [value, starts, graph.Add(starts, graph.Integers(sizes, [sizes.Length])), graph.Integers(axes, [axes.Length])]);

    /// <summary>Two parts of the same length along an axis, whose length need not be known.</summary>
    public static (OnnxValue First, OnnxValue Second) Halves(this OnnxGraph graph, OnnxValue value, long axis) =>
        graph.Node("Split", value.Type, value.Type, [value], OnnxAttribute.Integer("axis", axis));

    /// <summary>The same value at every place of a shape that is known only when the model runs, int64 [dimensions].</summary>
    public static OnnxValue Expand(this OnnxGraph graph, OnnxValue value, OnnxValue shape) =>
        graph.Node("Expand", value.Type, [value, Expect("Expand", shape, OnnxType.Int64)]);

    /// <summary>Tensors one after the other along an axis.</summary>
    public static OnnxValue Concatenate(this OnnxGraph graph, IReadOnlyList<OnnxValue> values, long axis) =>
        graph.Node("Concat", values.Aggregate((first, next) => Same("Concat", first, next)).Type, [.. values], OnnxAttribute.Integer("axis", axis));

    /// <summary>Images [B, C, height, width] of another size, by bilinear interpolation between the middles of pixels, or between corners that stay corners.</summary>
    public static OnnxValue ResizeLinear(this OnnxGraph graph, OnnxValue images, long height, long width, long newHeight, long newWidth, bool alignCorners = false)
    {
        if (height == newHeight && width == newWidth) return images;
        OnnxValue sizes = graph.Concatenate([graph.Slice(graph.Shape(images), [0], [2], [0]), graph.Integers([newHeight, newWidth], [2])], 0);
        OnnxValue leftOut = new("", OnnxType.Float);
        return graph.Node(
            "Resize", images.Type, [images, leftOut, leftOut, sizes],
            OnnxAttribute.Text("mode", "linear"), OnnxAttribute.Text("coordinate_transformation_mode", alignCorners ? "align_corners" : "pytorch_half_pixel"));
    }

    /// <summary>A convolution of images with one channel where the whole window fits.</summary>
    public static OnnxValue FilterAlong(this OnnxGraph graph, OnnxValue images, OnnxValue weight, OnnxValue bias) =>
        graph.Node("Conv", Same("Conv", Same("Conv", images, weight), bias).Type, [images, weight, bias]);

    public static OnnxValue Reshape(this OnnxGraph graph, OnnxValue value, OnnxValue shape) =>
        graph.Node("Reshape", value.Type, [value, Expect("Reshape", shape, OnnxType.Int64)]);

    /// <summary>The adjoint of a convolution in its input: the gradient of the output to that of the input.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="gradient">Gradient of the convolution's output.</param>
    /// <param name="weight">The convolution's weight.</param>
    /// <param name="kernel">Its window.</param>
    /// <param name="stride">Its stride.</param>
    /// <param name="padding">Its padding.</param>
    /// <param name="rowsLeft">Rows of the input below the last window.</param>
    /// <param name="columnsLeft">Columns of the input right of the last window.</param>
    /// <param name="groups">As many parts of the channels do not meet.</param>
    public static OnnxValue TransposedConvolution(
        this OnnxGraph graph, OnnxValue gradient, OnnxValue weight, long kernel, long stride, long padding, long rowsLeft, long columnsLeft, long groups = 1) =>
        graph.Node(
            "ConvTranspose",
            Same("ConvTranspose", gradient, weight).Type,
            [gradient, weight],
            OnnxAttribute.Integer("group", groups),
            OnnxAttribute.Integers("kernel_shape", kernel, kernel),
            OnnxAttribute.Integers("strides", stride, stride),
            OnnxAttribute.Integers("pads", padding, padding, padding, padding),
            OnnxAttribute.Integers("output_padding", rowsLeft, columnsLeft));

    /// <summary>The mean of every 2 × 2 window, side by side: [B, C, H, W], both sides even, to half of them.</summary>
    public static OnnxValue MeanOfFours(this OnnxGraph graph, OnnxValue value) => graph.Node(
        "AveragePool", value.Type, [value], OnnxAttribute.Integers("kernel_shape", 2, 2), OnnxAttribute.Integers("strides", 2, 2));

    /// <summary>Normalises the last axis to mean 0 and variance 1, then scales and shifts it.</summary>
    public static OnnxValue LayerNormalization(this OnnxGraph graph, OnnxValue value, OnnxValue scale, OnnxValue shift, float floor) =>
        graph.Node("LayerNormalization", Same("LayerNormalization", Same("LayerNormalization", value, scale), shift).Type, [value, scale, shift], OnnxAttribute.Number("epsilon", floor));

    /// <summary>Mean over all positions of each channel: [B, C, H, W] to [B, C].</summary>
    public static OnnxValue GlobalAverage(this OnnxGraph graph, OnnxValue value) =>
        graph.Flatten(graph.Node("GlobalAveragePool", value.Type, [value]), 1);

    /// <summary>A gradient where a ReLU let its input through, and 0 elsewhere.</summary>
    public static OnnxValue Masked(this OnnxGraph graph, OnnxValue gradient, OnnxValue active) =>
        graph.Multiply(gradient, graph.Cast(graph.Greater(active, graph.Number(0f)), OnnxType.Float));

    /// <summary>x Wᵀ + b: [B, inputs] to [B, outputs].</summary>
    public static OnnxValue Linear(this OnnxGraph graph, OnnxValue value, OnnxValue weight, OnnxValue bias) =>
        graph.Node("Gemm", Same("Gemm", Same("Gemm", value, weight), bias).Type, [value, weight, bias], OnnxAttribute.Integer("transB", 1));

    /// <summary>x Wᵀ: [B, inputs] to [B, rows of W].</summary>
    public static OnnxValue ProductWithRows(this OnnxGraph graph, OnnxValue value, OnnxValue rows) =>
        graph.Node("Gemm", Same("Gemm", value, rows).Type, [value, rows], OnnxAttribute.Integer("transB", 1));

    /// <summary>One of two graphs, as a condition says when the model runs.</summary>
    public static OnnxValue Choose(this OnnxGraph graph, OnnxValue condition, Func<OnnxGraph, OnnxValue> whenTrue, Func<OnnxGraph, OnnxValue> whenFalse)
    {
        (OnnxGraph then, OnnxType type) = Branch("then", whenTrue);
        (OnnxGraph otherwise, OnnxType other) = Branch("else", whenFalse);
        if (type != other) throw new ArgumentException($"If: the branches give {type} and {other}; both must give the same type.", nameof(whenFalse));
        return graph.Node("If", type, [Expect("If", condition, OnnxType.Bool)], OnnxAttribute.Graph("then_branch", then), OnnxAttribute.Graph("else_branch", otherwise));

        (OnnxGraph Graph, OnnxType Type) Branch(string name, Func<OnnxGraph, OnnxValue> build)
        {
            OnnxGraph branch = graph.Branch(name);
            OnnxValue result = build(branch);
            branch.Result(result);
            return (branch, result.Type);
        }
    }

    /// <summary>A graph that runs several times; what the runs give is stacked along a new first axis. One in a model.</summary>
    /// <param name="graph">The graph around it, whose values it sees.</param>
    /// <param name="times">How many times.</param>
    /// <param name="build">Builds it: gets it and which run it is, from 0, and gives its two results.</param>
    public static (OnnxValue First, OnnxValue Second) Repeat(this OnnxGraph graph, long times, Func<OnnxGraph, OnnxValue, (OnnxValue First, OnnxValue Second)> build)
    {
        OnnxGraph body = graph.Body("body");
        OnnxValue turn = body.Input("turn", OnnxType.Int64, "Which run, from 0.");
        OnnxValue goesOn = body.Input("goes_on", OnnxType.Bool, "Always true.");
        (OnnxValue first, OnnxValue second) = build(body, turn);
        body.Result(body.Copy(goesOn));
        body.Result(first);
        body.Result(second);
        return graph.Node("Loop", first.Type, second.Type, [graph.Number(times), new OnnxValue("", OnnxType.Bool)], OnnxAttribute.Graph("body", body));
    }

    private static OnnxValue Pair(this OnnxGraph graph, string operation, OnnxValue left, OnnxValue right, OnnxType? result = null) =>
        graph.Node(operation, result ?? left.Type, [left, Same(operation, right, left)]);

    private static OnnxValue Same(string operation, OnnxValue value, OnnxValue other) => Expect(operation, value, other.Type);

    private static OnnxValue Expect(string operation, OnnxValue value, OnnxType type) => value.Type == type
        ? value
        : throw new ArgumentException($"{operation}: {value.Name} holds {value.Type}, expected {type}; cast it first.", nameof(value));
}
