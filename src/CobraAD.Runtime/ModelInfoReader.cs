using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CobraAD.Export;
using CobraAD.Imaging;

namespace CobraAD.Runtime;

/// <summary>Reads what an exported model says about itself.</summary>
internal static class ModelInfoReader
{
    /// <summary>Far above any network's input; a damaged number must not ask for gigabytes.</summary>
    private const int LargestSide = 8192;

    /// <exception cref="ModelRejectedException">The model was not exported by CobraAD, or by a newer version of it.</exception>
    public static ModelInfo Read(string path, IReadOnlyDictionary<string, string> metadata, string fileHash)
    {
        if (!metadata.TryGetValue(OnnxMetadata.Format, out string? format) || !int.TryParse(format, CultureInfo.InvariantCulture, out int version))
            throw new ModelRejectedException($"{path}: this ONNX model was not exported by CobraAD. Make one with 'cobra export model.cobra -o model.onnx'.");
        if (version > OnnxMetadata.CurrentFormat)
            throw new ModelRejectedException($"{path}: exported by CobraAD {metadata.GetValueOrDefault(OnnxMetadata.LibraryVersion)} in format {version}; this version reads up to {OnnxMetadata.CurrentFormat}. Update CobraAD.Runtime.");
        try
        {
            JsonNode input = Section(OnnxMetadata.InputForm);
            if ((string?)input["form"] != "bytes")
                throw new ModelRejectedException($"{path}: the model takes {(string?)input["form"]}, this runtime feeds bytes. Export it again without --floats.");
            JsonNode calibration = Section(OnnxMetadata.Calibration);
            JsonNode data = Section(OnnxMetadata.Data);
            ModelInfo info = new()
            {
                Name = Value(OnnxMetadata.Name),
                ModelHash = metadata.GetValueOrDefault(OnnxMetadata.ModelHash),
                FileHash = fileHash,
                LibraryVersion = Value(OnnxMetadata.LibraryVersion),
                Precision = Value(OnnxMetadata.Precision),
                ScoreKind = Value(OnnxMetadata.ScoreKind),
                BankSize = long.Parse(Value(OnnxMetadata.BankSize), CultureInfo.InvariantCulture),
                InputHeight = (int)Given(input, "height"),
                InputWidth = (int)Given(input, "width"),
                Threshold = (double)Given(calibration, "threshold"),
                Scale = (double)Given(calibration, "scale"),
                FalseAlarmRate = (double)Given(calibration, "falseAlarmRate"),
                FalseAlarmBound = (double)Given(calibration, "falseAlarmBound"),
                CalibrationScores = calibration["scores"]?.Deserialize(ModelInfoJson.Default.DoubleArray) ?? [],
                Robustness = metadata.TryGetValue(OnnxMetadata.Robustness, out string? estimate) ? JsonSerializer.Deserialize(estimate, ModelInfoJson.Default.RobustnessEstimate) : null,
                DataLicence = metadata.GetValueOrDefault(OnnxMetadata.DataLicence),
                Data = data,
                Placement = Placement.Read(data["framing"]),
                Options = Section(OnnxMetadata.Options),
            };
            Check(info);
            return info;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ModelRejectedException($"{path}: what the model says about itself cannot be read ({e.Message}). Export it again.", e);
        }

        static void Check(ModelInfo info)
        {
            if (!double.IsFinite(info.Threshold)) throw new FormatException($"the threshold is {info.Threshold}, expected a finite number");
            if (info.Scale is not (> 0 and < double.PositiveInfinity)) throw new FormatException($"the scale is {info.Scale}, expected a number above 0");
            if (info.InputHeight is < 1 or > LargestSide || info.InputWidth is < 1 or > LargestSide)
                throw new FormatException($"images of {info.InputHeight} × {info.InputWidth} pixels, expected 1 to {LargestSide} a side");
            if (info.Robustness is { } shifts && !(shifts.NormalShift >= 0 && shifts.AnomalousShift >= 0)) throw new FormatException("a shift of scores is not a number of at least 0");
        }

        static JsonNode Given(JsonNode section, string name) => section[name] ?? throw new KeyNotFoundException($"'{name}' is missing");

        string Value(string key) => metadata.TryGetValue(key, out string? value) ? value : throw new KeyNotFoundException($"'{key}' is missing");

        JsonNode Section(string key) => JsonNode.Parse(Value(key)) ?? throw new FormatException($"'{key}' is null");
    }
}
