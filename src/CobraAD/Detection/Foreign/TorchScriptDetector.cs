using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Detection.Foreign;

/// <summary>
/// A detector saved as TorchScript by any tool (<c>torch.jit.save</c>). Gradients go through it, so every attack applies.
/// </summary>
/// <example><code>
/// using TorchScriptDetector detector = new("model.pt", new ForeignInput { Size = 256, ScoreOutput = "1" });
/// </code></example>
public sealed class TorchScriptDetector : IAnomalyDetector
{
    private readonly jit.ScriptModule module;
    private readonly ForeignInput input;
    private readonly string file;

    /// <summary>Reads a model.</summary>
    /// <param name="file">The TorchScript file.</param>
    /// <param name="input">What it takes and returns.</param>
    /// <param name="device">Where it runs; the CPU when <see langword="null"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ForeignModelException">The file is not TorchScript.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public TorchScriptDetector(string file, ForeignInput input, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        input.Validate();
        if (!File.Exists(file)) throw new FileNotFoundException($"There is no file '{file}'.", file);
        this.file = file;
        this.input = input;
        TorchRuntime.EnsureInitialized();
        Device = device ?? CPU;
        try
        {
            module = jit.load(file, Device.type, Device.index);
        }
        catch (ExternalException exception)
        {
            throw new ForeignModelException($"{file} is not a TorchScript file: {FirstLine(exception)} Save the model with torch.jit.save.", exception);
        }

        module.eval();
    }

    /// <inheritdoc/>
    public string Name => Path.GetFileName(file);

    /// <inheritdoc/>
    public Device Device { get; }

    /// <inheritdoc/>
    public double? Threshold => input.Threshold;

    /// <inheritdoc/>
    /// <exception cref="ForeignModelException">The model refuses the input, or the output is not one score for each image.</exception>
    public Tensor Score(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ready = input.Prepare(images);
        object output;
        try
        {
            output = module.call(ready);
        }
        catch (ExternalException exception)
        {
            throw new ForeignModelException(
                $"{file} refuses a batch of shape [{string.Join(", ", ready.shape)}]: {FirstLine(exception)} Declare the model's input size, range and layout.", exception);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            // TorchSharp has no form for what came back.
            throw new ForeignModelException($"{file} returns a dictionary or another type that TorchSharp cannot hand over. Wrap the model so that it returns a tensor or a tuple of tensors.", exception);
        }

        (Tensor score, string name) = Choose(output);
        return input.ToScore(score, images.size(0), file, name).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => module.Dispose();

    private (Tensor Score, string Name) Choose(object output)
    {
        if (output is Tensor only && input.ScoreOutput is null or "0") return ((Tensor)output, "0");
        (string Name, object? Value)[] all = output switch
        {
            Tensor tensor => [("0", tensor)],
            ITuple tuple => [.. Enumerable.Range(0, tuple.Length).Select(i => (i.ToString(CultureInfo.InvariantCulture), tuple[i]))],
            IEnumerable list => [.. list.Cast<object>().Select((value, i) => (i.ToString(CultureInfo.InvariantCulture), (object?)value))],
            _ => throw new ForeignModelException($"{file} returns {output.GetType().Name}. Expected a tensor, or a tuple or list of tensors."),
        };
        string outputs = string.Join(", ", all.Select(one => one.Name));
        if (input.ScoreOutput is null && all.Length > 1) throw new ForeignModelException($"{file} has {all.Length} outputs: {outputs}. Say which is the score with --score-output.");
        string wanted = input.ScoreOutput ?? all[0].Name;
        int place = Array.FindIndex(all, one => one.Name == wanted);
        if (place < 0 && int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < all.Length) place = index;
        if (place < 0) throw new ForeignModelException($"{file} has no output '{wanted}'. Its outputs: {outputs}.");
        return all[place].Value is Tensor score
            ? (score, $"'{all[place].Name}'")
            : throw new ForeignModelException($"{file}: output '{all[place].Name}' is not a tensor.");
    }

    private static string FirstLine(ExternalException exception) =>
        exception.Message.Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.StartsWith("RuntimeError", StringComparison.Ordinal))
        ?? exception.Message.Split('\n')[0].Trim();
}
