using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace CobraAD.Export.Graph;

/// <summary>
/// Puts a network's parameters into a graph at a chosen precision. Coarser weights become float32 again by operators that every
/// runtime computes once, when it loads the model: file and download shrink, speed stays.
/// </summary>
internal sealed class WeightStore(OnnxGraph graph, OnnxPrecision precision)
{
    private readonly Dictionary<Tensor, OnnxValue> stored = new(ReferenceEqualityComparer.Instance);

    /// <summary>A weight, whose first dimension counts output channels.</summary>
    public OnnxValue Weight(Tensor weight) => Once(weight, (values, shape) => precision switch
    {
        OnnxPrecision.Half => Half(values, shape),
        OnnxPrecision.Quantized => Quantized(values, shape),
        _ => graph.Floats(values, shape, "weight"),
    });

    /// <summary>A small parameter that is kept exactly.</summary>
    public OnnxValue Exact(Tensor parameter, string label = "bias") => Once(parameter, (values, shape) => graph.Floats(values, shape, label));

    /// <summary>Both graphs of a model, scores and gradients, take a parameter from the same place.</summary>
    private OnnxValue Once(Tensor parameter, Func<float[], long[], OnnxValue> store)
    {
        if (!stored.TryGetValue(parameter, out OnnxValue value)) stored.Add(parameter, value = store(Values(parameter), parameter.shape));
        return value;
    }

    private static float[] Values(Tensor tensor)
    {
        using Tensor plain = tensor.detach().cpu().to(ScalarType.Float32).contiguous();
        return plain.data<float>().ToArray();
    }

    private OnnxValue Half(float[] values, long[] shape)
    {
        Half[] halves = new Half[values.Length];
        TensorPrimitives.ConvertToHalf(values, halves);
        return graph.Cast(graph.Constant(OnnxType.Float16, shape, MemoryMarshal.AsBytes<Half>(halves).ToArray(), "weight"), OnnxType.Float);
    }

    /// <summary>w ≈ q · s with s = max|w| / 127 for each output channel and q from -127 to 127.</summary>
    private OnnxValue Quantized(float[] values, long[] shape)
    {
        int channels = (int)shape[0];
        int length = values.Length / channels;
        byte[] quantized = new byte[values.Length];
        float[] scales = new float[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            ReadOnlySpan<float> weights = values.AsSpan(channel * length, length);
            float largest = MathF.Abs(TensorPrimitives.MaxMagnitude(weights));
            // A channel of zeros needs any positive scale.
            float scale = largest > 0 ? largest / 127 : 1;
            scales[channel] = scale;
            for (int i = 0; i < length; i++) quantized[channel * length + i] = (byte)(sbyte)MathF.Round(weights[i] / scale);
        }

        long[] broadcast = [channels, .. Enumerable.Repeat(1L, shape.Length - 1)];
        return graph.Multiply(graph.Cast(graph.Constant(OnnxType.Int8, shape, quantized, "weight"), OnnxType.Float), graph.Floats(scales, broadcast, "scale"));
    }
}
