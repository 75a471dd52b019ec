using CobraAD.Export;
using Microsoft.ML.OnnxRuntime;

namespace CobraAD.Runtime;

/// <summary>Opens a model file with ONNX Runtime.</summary>
internal static class ModelSession
{
    /// <exception cref="ModelRejectedException">ONNX Runtime cannot run the file.</exception>
    public static InferenceSession Open(string path, byte[] file, RobustDetectorOptions options)
    {
        if (file.AsSpan().StartsWith("PK"u8))
            throw new ModelRejectedException($"{path}: a .cobra model, or another zip archive. This runs its export: make it with 'cobra export {path} -o {Path.ChangeExtension(path, ".onnx")}'.");
        // Nothing else can tell whether a number of a file without a seal was changed, and one of a shape can ask for all memory there is.
        if (options.IsSent || !OnnxSeal.IsThere(file)) MemoryTrial.Run(path, file);
        OnnxTelemetry.TurnOff();
        using SessionOptions settings = new()
        {
            IntraOpNumThreads = options.Threads,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", options.SpinWhileIdle ? "1" : "0");
        return Create(path, file, settings);
    }

    /// <summary>A session with settings of the caller's.</summary>
    /// <exception cref="ModelRejectedException">ONNX Runtime cannot read the file.</exception>
    public static InferenceSession Create(string path, byte[] file, SessionOptions settings)
    {
        try
        {
            return new InferenceSession(file, settings);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelRejectedException($"{path}: this is not an ONNX model that can be run ({e.Message}). It was damaged or cut short: copy it again, or export it again.", e);
        }
    }
}
