using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Methods.Tiles;

namespace CobraAD.Export.Detectors;

/// <summary>
/// A detector that works in tiles as one graph: tiles are cut and scored a few at a time in a loop, which bounds the memory as in training;
/// then come the smooth maximum of <see cref="TiledDetector.Score"/> and, on demand, the map of <see cref="TileMap"/>.
/// </summary>
internal static class TiledGraph
{
    /// <summary>Builds the graph.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="options">What it takes and how weights are stored.</param>
    /// <exception cref="NotSupportedException">The method of its tiles cannot be exported.</exception>
    public static OnnxGraph Build(TiledDetector detector, OnnxExportOptions options)
    {
        TiledModelCard card = detector.Card;
        (int height, int width) = (card.Data.Height, card.Data.Width);
        OnnxGraph graph = new("cobra");
        OnnxValue images = ImageGraph.Build(graph, options.Images, height, width);
        (OnnxValue scores, OnnxValue nearest) = Tiles(graph, images, detector, options.Precision);
        UsualScores usual = detector.Scale.Usual;
        OnnxValue standardized = graph.Divide(
            graph.Subtract(scores, graph.Doubles(usual.Mean, [1, usual.Mean.Length])), graph.Doubles(usual.Deviation, [1, usual.Deviation.Length]));
        (OnnxValue largest, OnnxValue worst) = graph.Largest(standardized, 1);
        OnnxValue temperature = graph.Number(detector.Scale.Temperature);
        OnnxValue sum = graph.Sum(graph.Exponential(graph.Divide(graph.Subtract(standardized, largest), temperature)), 1, keep: true);
        OnnxValue score = graph.Squeeze(graph.Add(largest, graph.Multiply(graph.Logarithm(sum), temperature)), 1);
        OnnxValue own = graph.Squeeze(graph.GatherElements(nearest, worst, 1), 1);
        DecisionGraph.Build(graph, score, own, card.Calibration, "What the most unusual tile is nearest to: a row of the bank, or -1 without a bank.");

        MapGraph.Output(graph, branch => Map(branch, standardized, detector.Map, height, width), height, width);
        return graph;
    }

    /// <summary>The score of every tile and what it is nearest to, float64 and int64 [B, places].</summary>
    private static (OnnxValue Scores, OnnxValue Nearest) Tiles(OnnxGraph graph, OnnxValue images, TiledDetector detector, OnnxPrecision precision)
    {
        int side = detector.Card.Tiles.Size, places = detector.Places.Count;
        int part = Math.Clamp(TilePass.PartPixels / (side * side), 1, places), turns = (places + part - 1) / part;
        // The last turn may have too few: its last tile again fills it up, and is cut off below.
        long[] corners = [.. Enumerable.Range(0, turns * part).Select(i => detector.Places[Math.Min(i, places - 1)]).SelectMany(place => (long[])[place.Top, place.Left])];
        OnnxValue all = graph.Integers(corners, [turns, part, 2]);
        (OnnxValue scores, OnnxValue nearest) = graph.Repeat(turns, (body, turn) =>
        {
            OnnxValue own = body.Gather(all, turn, 0);
            OnnxValue tiles = body.Concatenate([.. Enumerable.Range(0, part).Select(i => body.Window(images, body.Gather(own, body.Number((long)i), 0), [side, side], [2, 3]))], 0);
            DetectorNodes nodes = MethodGraph.Score(body, detector.Tile, tiles, side, side, precision);
            return (nodes.Score, nodes.Nearest);
        });
        return (ByImage(scores), ByImage(nearest));

        // [turns, part · B], tile by tile, to [B, places].
        OnnxValue ByImage(OnnxValue stacked) =>
            graph.Transpose(graph.Slice(graph.Reshape(stacked, graph.Integers([turns * part, -1], [2])), [0], [places], [0]), 1, 0);
    }

    /// <summary>float32 [B, height, width].</summary>
    private static OnnxValue Map(OnnxGraph branch, OnnxValue standardized, TileMap map, int height, int width)
    {
        // log(1 + exp z) = max(z, 0) + log(1 + exp(-|z|)), which does not overflow.
        OnnxValue rest = branch.Logarithm(branch.Add(branch.Exponential(branch.Negate(branch.Absolute(standardized))), branch.Number(1.0)));
        OnnxValue evidence = branch.Cast(branch.Add(branch.Maximum(standardized, branch.Number(0.0)), rest), OnnxType.Float);
        long[] cells = map.Cells;
        int all = map.Rows * map.Columns;
        float[] places = new float[cells.Length * all];
        for (int i = 0; i < cells.Length; i++) places[i * all + (int)cells[i]] = 1;
        OnnxValue grid = branch.Reshape(branch.MatrixProduct(evidence, branch.Floats(places, [cells.Length, all])), branch.Integers([-1, map.Rows, map.Columns], [3]));
        OnnxValue rows = branch.Transpose(branch.Floats([.. map.RowShares.SelectMany(row => row)], [map.Rows, height]), 1, 0);
        return branch.MatrixProduct(branch.MatrixProduct(rows, grid), branch.Floats([.. map.ColumnShares.SelectMany(row => row)], [map.Columns, width]));
    }
}
