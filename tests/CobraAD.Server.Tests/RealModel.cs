using System.Globalization;
using CobraAD.Export;
using CobraAD.Export.Graph;
using CobraAD.Export.Layers;

namespace CobraAD.Server.Tests;

/// <summary>A small exported model for the real detector: the score of an image is its mean brightness, from 0 to 1.</summary>
internal static class RealModel
{
    /// <summary>Writes the model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="threshold">The score above which a part is anomalous; another value is another file.</param>
    /// <param name="multiplied">The length of two columns that are multiplied with each other on the way.</param>
    /// <param name="brokenAbove">Images brighter than this have the score NaN, as damaged weights can give.</param>
    public static void Write(string path, double threshold = 0.5, double? brokenAbove = null, int multiplied = 1)
    {
        OnnxGraph graph = new("brightness");
        OnnxValue images = ImageGraph.Build(graph, OnnxImageForm.Bytes, 16, 16);
        OnnxValue limit = graph.OptionalInput(OnnxMetadata.Threshold, threshold, "");
        OnnxValue mean = graph.Linear(graph.GlobalAverage(images), graph.Floats([1 / 3f, 1 / 3f, 1 / 3f], [1, 3]), graph.Floats([0], [1]));
        OnnxValue score = graph.Cast(graph.Squeeze(mean, 1), OnnxType.Double);
        if (brokenAbove is { } bright) score = graph.Add(score, graph.Multiply(graph.SquareRoot(graph.Subtract(graph.Number(bright), score)), graph.Number(0.0)));
        OnnxValue products = graph.MatrixProduct(graph.Floats(new float[multiplied], [multiplied, 1]), graph.Floats(new float[multiplied], [1, multiplied]));
        score = graph.Add(score, graph.Cast(graph.Sum(graph.Sum(products, 0, keep: false), 0, keep: false), OnnxType.Double));
        OnnxValue one = graph.Number(1.0);
        OnnxValue distance = graph.Divide(graph.Subtract(limit, score), graph.Number(0.1));
        graph.Output(OnnxMetadata.Score, score, "", "batch");
        graph.Output(OnnxMetadata.Calibrated, graph.Divide(one, graph.Add(one, graph.Exponential(distance))), "", "batch");
        graph.Output(OnnxMetadata.IsAnomalous, graph.Greater(score, limit), "", "batch");
        graph.Output(OnnxMetadata.NearestIndex, graph.Cast(graph.Floor(score), OnnxType.Int64), "", "batch");
        string number = threshold.ToString("R", CultureInfo.InvariantCulture);
        Dictionary<string, string> metadata = new()
        {
            [OnnxMetadata.Format] = OnnxMetadata.CurrentFormat.ToString(CultureInfo.InvariantCulture),
            [OnnxMetadata.Name] = "brightness",
            [OnnxMetadata.LibraryVersion] = "0",
            [OnnxMetadata.Precision] = "float32",
            [OnnxMetadata.ScoreKind] = "similarity",
            [OnnxMetadata.BankSize] = "1",
            [OnnxMetadata.InputForm] = """{"form":"bytes","height":16,"width":16}""",
            [OnnxMetadata.Calibration] = $$"""{"threshold":{{number}},"scale":0.1,"falseAlarmRate":0.05,"falseAlarmBound":0.1}""",
            [OnnxMetadata.Data] = "{}",
            [OnnxMetadata.Options] = "{}",
        };
        using FileStream file = File.Create(path);
        OnnxModel.Write(file, graph, "0", "test", metadata);
    }
}
