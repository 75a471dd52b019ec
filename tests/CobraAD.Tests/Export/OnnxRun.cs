using CobraAD.Export.Graph;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export;

/// <summary>Runs a graph in ONNX Runtime on torch tensors.</summary>
internal sealed class OnnxRun : IDisposable
{
    private readonly InferenceSession session;

    public OnnxRun(OnnxGraph graph)
    {
        using MemoryStream stream = new();
        OnnxModel.Write(stream, graph, "test", "test", [new("key", "value")]);
        using SessionOptions options = new() { IntraOpNumThreads = 1 };
        session = new InferenceSession(stream.ToArray(), options);
    }

    public OnnxRun(string path)
    {
        using SessionOptions options = new() { IntraOpNumThreads = 1 };
        session = new InferenceSession(path, options);
    }

    public IReadOnlyDictionary<string, string> Metadata => session.ModelMetadata.CustomMetadataMap;

    /// <summary>All outputs by name; the caller's dispose scope owns them.</summary>
    public Dictionary<string, Tensor> Run(params (string Name, Tensor Value)[] inputs)
    {
        List<OrtValue> values = [.. inputs.Select(input => ToOnnx(input.Value))];
        try
        {
            using RunOptions run = new();
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, [.. inputs.Select(input => input.Name)], values, [.. session.OutputNames]);
            return session.OutputNames.Zip(results).ToDictionary(pair => pair.First, pair => ToTorch(pair.Second));
        }
        finally
        {
            foreach (OrtValue value in values) value.Dispose();
        }
    }

    public void Dispose() => session.Dispose();

    private static OrtValue ToOnnx(Tensor tensor)
    {
        using Tensor plain = tensor.detach().contiguous();
        return plain.dtype switch
        {
            ScalarType.Byte => Make<byte>(),
            ScalarType.Float32 => Make<float>(),
            ScalarType.Float64 => Make<double>(),
            ScalarType.Int64 => Make<long>(),
            _ => Make<bool>(),
        };

        OrtValue Make<T>()
            where T : unmanaged => OrtValue.CreateTensorValueFromMemory(plain.data<T>().ToArray(), plain.shape);
    }

    private static Tensor ToTorch(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return info.ElementDataType switch
        {
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float => tensor(value.GetTensorDataAsSpan<float>().ToArray(), info.Shape),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Double => tensor(value.GetTensorDataAsSpan<double>().ToArray(), info.Shape),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64 => tensor(value.GetTensorDataAsSpan<long>().ToArray(), info.Shape),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Bool => tensor(value.GetTensorDataAsSpan<bool>().ToArray(), info.Shape),
            _ => throw new NotSupportedException(info.ElementDataType.ToString()),
        };
    }
}
