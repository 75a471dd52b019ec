using System.Globalization;
using CobraAD.Export;
using CobraAD.Export.Graph;
using CobraAD.Export.Layers;

namespace CobraAD.Runtime.Tests;

/// <summary>
/// A model whose score is known: the mean of red + 10 · the mean of green + 100 · the mean of blue, each in [0, 1], after resizing.
/// The nearest index is the score rounded down.
/// </summary>
internal sealed class TestModel : IDisposable
{
    public const double Threshold = 50;

    private readonly TemporaryFolder folder = new();

    /// <param name="height">Of the network's input.</param>
    /// <param name="width">Of the network's input.</param>
    /// <param name="metadata">In the place of what the model would say about itself; <see langword="null"/> leaves an entry out.</param>
    /// <param name="multiplied">The length of two columns of zeros whose products are added to the score.</param>
    public TestModel(int height = 16, int width = 16, IReadOnlyDictionary<string, string?>? metadata = null, int multiplied = 1)
    {
        OnnxGraph graph = new("test");
        OnnxValue images = ImageGraph.Build(graph, OnnxImageForm.Bytes, height, width);
        OnnxValue threshold = graph.OptionalInput(OnnxMetadata.Threshold, Threshold, "");
        OnnxValue sums = graph.Linear(graph.GlobalAverage(images), graph.Floats([1, 10, 100], [1, 3]), graph.Floats([0], [1]));
        OnnxValue score = graph.Cast(graph.Squeeze(sums, 1), OnnxType.Double);
        OnnxValue products = graph.MatrixProduct(graph.Floats(new float[multiplied], [multiplied, 1]), graph.Floats(new float[multiplied], [1, multiplied]));
        score = graph.Add(score, graph.Cast(graph.Sum(graph.Sum(products, 0, keep: false), 0, keep: false), OnnxType.Double));
        OnnxValue one = graph.Number(1.0);
        graph.Output(OnnxMetadata.Score, score, "", "batch");
        graph.Output(OnnxMetadata.Calibrated, graph.Divide(one, graph.Add(one, graph.Exponential(graph.Subtract(threshold, score)))), "", "batch");
        graph.Output(OnnxMetadata.IsAnomalous, graph.Greater(score, threshold), "", "batch");
        graph.Output(OnnxMetadata.NearestIndex, graph.Cast(graph.Floor(score), OnnxType.Int64), "", "batch");

        // The gradient of a mean is the same everywhere.
        float[] slopes = [.. ((float[])[1, 10, 100]).SelectMany(weight => Enumerable.Repeat(weight / (height * width), height * width))];
        OnnxValue gradient = graph.Choose(
            graph.Switch(OnnxMetadata.Explain, ""), then => then.Copy(then.Floats(slopes, [1, 3, height, width])), other => other.Copy(other.Floats([], [0, 3, height, width])));
        graph.Output(OnnxMetadata.Gradient, gradient, "");

        Dictionary<string, string?> known = new()
        {
            [OnnxMetadata.Format] = OnnxMetadata.CurrentFormat.ToString(CultureInfo.InvariantCulture),
            [OnnxMetadata.Name] = "test",
            [OnnxMetadata.LibraryVersion] = "0",
            [OnnxMetadata.Precision] = "float32",
            [OnnxMetadata.ScoreKind] = "similarity",
            [OnnxMetadata.BankSize] = "1",
            [OnnxMetadata.InputForm] = $$"""{"form":"bytes","height":{{height}},"width":{{width}}}""",
            [OnnxMetadata.Calibration] = """{"threshold":50,"scale":1,"falseAlarmRate":0.05,"falseAlarmBound":0.1}""",
            [OnnxMetadata.Data] = "{}",
            [OnnxMetadata.Options] = "{}",
        };
        foreach ((string key, string? value) in metadata ?? new Dictionary<string, string?>()) known[key] = value;

        Path = In("model.onnx");
        using FileStream file = File.Create(Path);
        OnnxModel.Write(file, graph, "0", "test", known.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, pair.Value!)));
    }

    public string Path { get; }

    /// <summary>A path in a folder that goes with the model.</summary>
    public string In(string name) => folder.File(name);

    /// <summary>The score of an image of one colour.</summary>
    public static double ScoreOf(double red, double green, double blue) => (red + 10 * green + 100 * blue) / 255;

    public void Dispose() => folder.Dispose();
}
