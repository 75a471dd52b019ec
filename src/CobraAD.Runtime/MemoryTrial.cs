using CobraAD.Export;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CobraAD.Runtime;

/// <summary>
/// Runs a model once, step by step as it is written and with a limit on its memory, before it is loaded as usual: less than a megabyte of file can
/// multiply two columns to gigabytes, and ONNX Runtime would do so while it prepares the model.
/// </summary>
internal static class MemoryTrial
{
    /// <summary>Far above what a network needs for one image.</summary>
    private const uint MostBytes = 2_000_000_000;

    /// <summary>The limit is the allocator's, which the process has once.</summary>
    private static readonly Lazy<bool> Limited = new(() =>
    {
        using OrtMemoryInfo where = new(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using OrtArenaCfg limit = new(MostBytes, -1, -1, -1);
        OrtEnv.Instance().CreateAndRegisterAllocator(where, limit);
        return true;
    });

    /// <summary>Runs the model on a black image.</summary>
    /// <param name="path">Its file, for messages.</param>
    /// <param name="file">Its content.</param>
    /// <exception cref="ModelRejectedException">It is no model of ours, does not run, or wants more memory.</exception>
    public static void Run(string path, byte[] file)
    {
        OnnxTelemetry.TurnOff();
        _ = Limited.Value;
        using SessionOptions settings = new() { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        settings.AddSessionConfigEntry("session.use_env_allocators", "1");
        using InferenceSession session = ModelSession.Create(path, file, settings);
        try
        {
            ModelInfo model = ModelInfoReader.Read(path, ModelProperties.Read(path, file), "");
            NamedOnnxValue image = NamedOnnxValue.CreateFromTensor(OnnxMetadata.Image, new DenseTensor<byte>([1, model.InputHeight, model.InputWidth, 3]));
            using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run([image]);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelRejectedException($"{path}: the model does not run within {MostBytes} bytes of memory ({exception.Message}). Export it again, or a smaller one.", exception);
        }
    }
}
