using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CobraAD.Detection;
using CobraAD.Export.Detectors;
using CobraAD.Export.Graph;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Tiles;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;

namespace CobraAD.Export;

/// <summary>
/// Writes a trained detector as one ONNX model that needs nothing else: it resizes images of any size as training does, runs the folded
/// network, compares with what was learned, and gives the score, the calibrated score, the decision, the nearest training image of methods that keep a
/// bank (of PatchCore the nearest stored patch), and on demand where the image is anomalous, of methods that know it.
/// </summary>
/// <remarks>
/// Inputs: "image" (<see cref="OnnxImageForm"/>; any batch and size) and, when wanted, "threshold" (float64 scalar; the calibrated one
/// when left out). Outputs, one value for each image: "score" and "calibrated" (float64), "is_anomalous" (bool), "nearest_index"
/// (int64). Operator set 17; the model's metadata holds options, data, calibration and hash under names that begin with "cobra.".
/// </remarks>
/// <example><code>
/// using CobraDetector detector = CobraDetector.Load("model.cobra");
/// OnnxExport.Write(detector, "model.onnx");
/// </code></example>
public static class OnnxExport
{
    /// <summary>Writes the model; the file appears complete or not at all.</summary>
    /// <param name="detector">A trained detector; unchanged.</param>
    /// <param name="path">The <c>.onnx</c> file to make or replace.</param>
    /// <param name="options">What it takes, how weights are stored and what it says about itself; defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The model is larger than the format's 2 GiB.</exception>
    public static void Write(CobraDetector detector, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OnnxExportOptions();
        options.Validate();

        CobraModelCard card = detector.Card;
        OnnxGraph graph = DetectorGraph.Build(detector.Network, detector.Bank, detector.Form, card.Calibration, card.Data.Height, card.Data.Width, options);
        (string score, long bankSize) = Describe(detector);
        Write(new ExportedModel(graph, card, score, bankSize), path, options);
    }

    /// <summary>Writes the model of any method that can be exported; the file appears complete or not at all.</summary>
    /// <param name="detector">A trained detector; unchanged.</param>
    /// <param name="path">The <c>.onnx</c> file to make or replace.</param>
    /// <param name="options">What it takes, how weights are stored and what it says about itself; defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="NotSupportedException">Detectors of this method, or with these options, cannot be exported; the message says why, and what to do.</exception>
    /// <exception cref="InvalidOperationException">The model is larger than the format's 2 GiB.</exception>
    public static void Write(ITrainedDetector detector, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (detector is CobraDetector cobra)
        {
            Write(cobra, path, options);
            return;
        }

        options ??= new OnnxExportOptions();
        options.Validate();
        IModelCard card = detector.Card;
        (string score, long bankSize) = Describe(detector is TiledDetector { Tile: { } tile } ? tile : detector);
        OnnxGraph graph = detector is TiledDetector tiled ? TiledGraph.Build(tiled, options) : MethodGraph.Build(detector, options);
        Write(new ExportedModel(graph, card, score, bankSize), path, options);
    }

    private static (string Score, long BankSize) Describe(ITrainedDetector detector) =>
        detector is CobraDetector cobra ? (CobraJson.ToNode(cobra.Card.Score)!.GetValue<string>(), cobra.Bank.Count) : MethodGraph.Describe(detector);

    private static void Write(ExportedModel model, string path, OnnxExportOptions options)
    {
        string version = ModelManifest.CurrentLibraryVersion;
        string description = $"{model.Card.Name}: anomaly scores of images, trained on {model.Card.Data.Name}.";
        AtomicFile.Write(path, file => OnnxModel.Write(file, model.Graph, version, description, Metadata(model, version, options)));
    }

    private static IEnumerable<KeyValuePair<string, string>> Metadata(ExportedModel model, string version, OnnxExportOptions options)
    {
        IModelCard card = model.Card;
        yield return new(OnnxMetadata.Format, (card.Data.Framing is null ? OnnxMetadata.ResizedFormat : OnnxMetadata.CurrentFormat).ToString(CultureInfo.InvariantCulture));
        yield return new(OnnxMetadata.Name, card.Name);
        yield return new(OnnxMetadata.LibraryVersion, version);
        yield return new(OnnxMetadata.Precision, options.Precision switch { OnnxPrecision.Half => "float16", OnnxPrecision.Quantized => "int8", _ => "float32" });
        yield return new(OnnxMetadata.ScoreKind, model.ScoreKind);
        yield return new(OnnxMetadata.BankSize, model.BankSize.ToString(CultureInfo.InvariantCulture));
        yield return new(OnnxMetadata.InputForm, Text(new JsonObject
        {
            ["form"] = options.Images == OnnxImageForm.Bytes ? "bytes" : "floats",
            ["height"] = card.Data.Height,
            ["width"] = card.Data.Width,
        }));
        yield return new(OnnxMetadata.Calibration, Text(CobraJson.ToNode(card.Calibration)!));
        yield return new(OnnxMetadata.Data, Text(CobraJson.ToNode(card.Data with { Marks = null })!));
        yield return new(OnnxMetadata.Options, Text(JsonSerializer.SerializeToNode(card.Options, card.Options.GetType(), CobraJson.Options)!));
        if (options.ModelHash is { } hash) yield return new(OnnxMetadata.ModelHash, hash);
        if (options.DataLicence is { } licence) yield return new(OnnxMetadata.DataLicence, licence);
        if (options.Robustness is { } shift) yield return new(OnnxMetadata.Robustness, Text(CobraJson.ToNode(shift)!));
    }

    private static string Text(JsonNode node) => node.ToJsonString();

    /// <param name="Graph">The whole detector.</param>
    /// <param name="Card">What is known about it.</param>
    /// <param name="ScoreKind">Which score it computes.</param>
    /// <param name="BankSize">Entries of its bank.</param>
    private sealed record ExportedModel(OnnxGraph Graph, IModelCard Card, string ScoreKind, long BankSize);
}
