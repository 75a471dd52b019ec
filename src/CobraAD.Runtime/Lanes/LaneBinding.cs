using CobraAD.Export;
using Microsoft.ML.OnnxRuntime;

namespace CobraAD.Runtime.Lanes;

/// <summary>The model's inputs and outputs bound to a lane's arrays, for one number of images.</summary>
internal sealed class LaneBinding : IDisposable
{
    private readonly List<OrtValue> values = [];

    public LaneBinding(InferenceSession session, double? threshold)
    {
        Io = session.CreateIoBinding();
        if (threshold is { } chosen) Bind(OnnxMetadata.Threshold, new[] { chosen }.AsMemory(), [], output: false);
    }

    public OrtIoBinding Io { get; }

    public void Bind<T>(string name, Memory<T> memory, long[] shape, bool output)
        where T : unmanaged
    {
        // The value pins the array until it is disposed.
        OrtValue value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, memory, shape);
        values.Add(value);
        if (output) Io.BindOutput(name, value);
        else Io.BindInput(name, value);
    }

    public void Dispose()
    {
        Io.Dispose();
        foreach (OrtValue value in values) value.Dispose();
    }
}
