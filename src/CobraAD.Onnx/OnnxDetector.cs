using System.Globalization;
using CobraAD.Detection;
using CobraAD.Detection.Foreign;
using CobraAD.Export;
using CobraAD.Runtime;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace CobraAD.Onnx;

/// <summary>
/// A detector in an ONNX file, run by ONNX Runtime. It has no gradients: black-box attacks apply (Square, SimBA), and points made on
/// another detector (<see cref="CobraAD.Attacks.Composite.Transfer"/>).
/// </summary>
/// <example><code>
/// using OnnxDetector detector = new("model.onnx", new ForeignInput { Size = 256, ScoreOutput = "pred_score" });
/// </code></example>
public sealed class OnnxDetector : IAnomalyDetector
{
    private readonly InferenceSession session;
    private readonly ForeignInput input;
    private readonly string file;
    private readonly string inputName;
    private readonly string outputName;
    private readonly long fixedBatch;

    /// <summary>Reads a model.</summary>
    /// <param name="file">The ONNX file.</param>
    /// <param name="input">What it takes and returns.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ForeignModelException">The file is not ONNX, has not one float image input, or lacks the output.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public OnnxDetector(string file, ForeignInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        input.Validate();
        if (!File.Exists(file)) throw new FileNotFoundException($"There is no file '{file}'.", file);
        // Exports of cobra say what they must hash to; other models say nothing.
        if (OnnxSeal.IsBroken(File.ReadAllBytes(file))) throw new ForeignModelException($"{file}: the content is not what its SHA-256 says. The file was changed or damaged: copy it again, or export it again.");
        this.file = file;
        this.input = input;
        OnnxTelemetry.TurnOff();
        try
        {
            session = new InferenceSession(file);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ForeignModelException($"{file} is not an ONNX model that ONNX Runtime reads: {exception.Message}", exception);
        }

        try
        {
            (inputName, fixedBatch) = ChooseInput();
            outputName = ChooseOutput();
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name => Path.GetFileName(file);

    /// <inheritdoc/>
    public Device Device => CPU;

    /// <inheritdoc/>
    public bool IsDifferentiable => false;

    /// <inheritdoc/>
    public double? Threshold => input.Threshold;

    /// <inheritdoc/>
    /// <returns>[B], without a gradient.</returns>
    /// <exception cref="ForeignModelException">The model refuses the input, or the output is not one score for each image.</exception>
    public Tensor Score(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor ready = input.Prepare(images).cpu();
        long count = images.size(0);
        // A model exported for one image at a time gets them so.
        if (fixedBatch != 1 || count == 1) return Run(ready, count).MoveToOuterDisposeScope();
        return cat([.. Enumerable.Range(0, (int)count).Select(i => Run(ready.narrow(0, i, 1).contiguous(), 1))]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    private Tensor Run(Tensor ready, long count)
    {
        int[] shape = [.. ready.shape.Select(side => (int)side)];
        NamedOnnxValue given = NamedOnnxValue.CreateFromTensor(inputName, new DenseTensor<float>(ready.data<float>().ToArray(), shape));
        try
        {
            using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run([given], [outputName]);
            return input.ToScore(Read(results[0]), count, file, $"'{outputName}'");
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ForeignModelException(
                $"{file} refuses a batch of shape [{string.Join(", ", shape)}]: {exception.Message} Its input '{inputName}' is [{Shape(session.InputMetadata[inputName])}]; declare size and layout.", exception);
        }
    }

    private Tensor Read(NamedOnnxValue value)
    {
        NodeMetadata about = session.OutputMetadata[outputName];
        if (about.ElementType == typeof(float)) return From(value.AsTensor<float>(), values => tensor(values));
        if (about.ElementType == typeof(double)) return From(value.AsTensor<double>(), values => tensor(values));
        throw new ForeignModelException($"{file}: output '{outputName}' holds {about.ElementType.Name}. Expected float or double scores; choose another with --score-output.");

        static Tensor From<T>(Microsoft.ML.OnnxRuntime.Tensors.Tensor<T> from, Func<T[], Tensor> make) =>
            make([.. from]).reshape([.. from.Dimensions.ToArray().Select(side => (long)side)]);
    }

    private (string Name, long Batch) ChooseInput()
    {
        if (session.InputMetadata.Count != 1)
            throw new ForeignModelException($"{file} has {session.InputMetadata.Count} inputs: {string.Join(", ", session.InputMetadata.Keys)}. Expected one, a batch of images.");
        (string name, NodeMetadata about) = session.InputMetadata.First();
        if (about.ElementType != typeof(float) || about.Dimensions.Length != 4)
            throw new ForeignModelException($"{file}: input '{name}' is {about.ElementType?.Name} [{Shape(about)}]. Expected float images [batch, 3, height, width] or [batch, height, width, 3].");

        bool channelsFirst = input.Layout == ForeignLayout.Nchw;
        (int channels, int height, int width) = channelsFirst
            ? (about.Dimensions[1], about.Dimensions[2], about.Dimensions[3])
            : (about.Dimensions[3], about.Dimensions[1], about.Dimensions[2]);
        if (channels is > 0 and not 3)
            throw new ForeignModelException($"{file}: input '{name}' is [{Shape(about)}], which does not have 3 channels in layout {input.Layout.ToString().ToLowerInvariant()}. Declare the other layout.");
        if (input.Size is { } size && ((height > 0 && height != size) || (width > 0 && width != size)))
            throw new ForeignModelException($"{file}: input '{name}' takes {width} × {height} pixels, declared were {size} × {size}. Declare the size that the model takes.");
        return (name, about.Dimensions[0]);
    }

    private string ChooseOutput()
    {
        string[] names = [.. session.OutputMetadata.Keys];
        if (input.ScoreOutput is not { } wanted)
        {
            return names.Length == 1 ? names[0] : throw new ForeignModelException($"{file} has {names.Length} outputs: {string.Join(", ", names)}. Say which is the score with --score-output.");
        }

        if (names.Contains(wanted)) return wanted;
        if (int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < names.Length) return names[index];
        throw new ForeignModelException($"{file} has no output '{wanted}'. Its outputs: {string.Join(", ", names)}.");
    }

    private static string Shape(NodeMetadata about) => string.Join(", ", about.Dimensions.Select((side, i) =>
        side > 0 ? side.ToString(CultureInfo.InvariantCulture) : about.SymbolicDimensions.ElementAtOrDefault(i) is { Length: > 0 } name ? name : "any"));
}
