using System.Text.Json;
using TorchSharp;

namespace CobraAD.Tests.Golden;

/// <summary>Reference numbers made by an independent implementation; NaN and infinities are written as strings.</summary>
internal static class GoldenFile
{
    public static JsonElement Read(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Golden", name));
        using JsonDocument document = JsonDocument.Parse(file);
        return document.RootElement.Clone();
    }

    public static double Number(this JsonElement element) => element.ValueKind == JsonValueKind.String
        ? element.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            string other => throw new FormatException($"'{other}' is not a number."),
            null => throw new FormatException("A number is missing."),
        }
        : element.GetDouble();

    public static double[] Vector(this JsonElement element) => [.. element.EnumerateArray().Select(Number)];

    /// <summary>Nested lists of any depth as a float64 tensor of the same shape.</summary>
    public static torch.Tensor Array(this JsonElement element)
    {
        List<long> shape = [];
        for (JsonElement level = element; level.ValueKind == JsonValueKind.Array; level = level[0]) shape.Add(level.GetArrayLength());
        List<double> values = [];
        Collect(element, values);
        return torch.tensor(values.ToArray(), [.. shape]);
    }

    private static void Collect(JsonElement element, List<double> values)
    {
        if (element.ValueKind != JsonValueKind.Array) values.Add(element.Number());
        else foreach (JsonElement item in element.EnumerateArray()) Collect(item, values);
    }
}
