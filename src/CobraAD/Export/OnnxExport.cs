using System.Globalization;
using System.Text.Json.Nodes;
using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Methods.Cobra;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;

namespace CobraAD.Export;

/// <summary>
/// Writes a trained detector as one ONNX model that needs nothing else: it resizes images of any size as training does, runs the folded
/// network, searches the bank, and gives the score, the calibrated score, the decision and the nearest training image.
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
        OnnxGraph graph = DetectorGraph.Build(detector.Network, detector.Bank, card.Options.Score, card.Calibration, card.Data.Height, card.Data.Width, options);
        string version = new ModelManifest { Kind = CobraDetector.Kind }.LibraryVersion;
        string description = $"{detector.Name}: anomaly scores of images, trained on {card.Data.Name}.";
        AtomicFile.Write(path, file => OnnxModel.Write(file, graph, version, description, Metadata(detector, version, options)));
    }

    private static IEnumerable<KeyValuePair<string, string>> Metadata(CobraDetector detector, string version, OnnxExportOptions options)
    {
        CobraModelCard card = detector.Card;
        yield return new(OnnxMetadata.Format, OnnxMetadata.CurrentFormat.ToString(CultureInfo.InvariantCulture));
        yield return new(OnnxMetadata.Name, detector.Name);
        yield return new(OnnxMetadata.LibraryVersion, version);
        yield return new(OnnxMetadata.Precision, options.Precision switch { OnnxPrecision.Half => "float16", OnnxPrecision.Quantized => "int8", _ => "float32" });
        yield return new(OnnxMetadata.ScoreKind, CobraJson.ToNode(card.Options.Score)!.GetValue<string>());
        yield return new(OnnxMetadata.BankSize, detector.Bank.Count.ToString(CultureInfo.InvariantCulture));
        yield return new(OnnxMetadata.InputForm, Text(new JsonObject
        {
            ["form"] = options.Images == OnnxImageForm.Bytes ? "bytes" : "floats",
            ["height"] = card.Data.Height,
            ["width"] = card.Data.Width,
        }));
        yield return new(OnnxMetadata.Calibration, Text(CobraJson.ToNode(card.Calibration)!));
        yield return new(OnnxMetadata.Data, Text(CobraJson.ToNode(card.Data with { Marks = null })!));
        yield return new(OnnxMetadata.Options, Text(CobraJson.ToNode(card.Options)!));
        if (options.ModelHash is { } hash) yield return new(OnnxMetadata.ModelHash, hash);
        if (options.DataLicence is { } licence) yield return new(OnnxMetadata.DataLicence, licence);
        if (options.Robustness is { } shift) yield return new(OnnxMetadata.Robustness, Text(CobraJson.ToNode(shift)!));
    }

    private static string Text(JsonNode node) => node.ToJsonString();
}
