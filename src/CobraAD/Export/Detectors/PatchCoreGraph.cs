using CobraAD.Export.Graph;
using CobraAD.Export.Layers;
using CobraAD.Methods.PatchCore;
using CobraAD.Transforms;
using static TorchSharp.torch;

namespace CobraAD.Export.Detectors;

/// <summary>A PatchCore detector as one graph: the score of <see cref="PatchCoreDetector.Score"/>, and on demand its map.</summary>
internal sealed class PatchCoreGraph
{
    private readonly OnnxGraph graph;
    private readonly PatchCoreDetector detector;
    private readonly PatchCoreOptions options;
    private readonly NeighbourSearchGraph search;

    private PatchCoreGraph(OnnxGraph graph, PatchCoreDetector detector, WeightStore weights)
    {
        this.graph = graph;
        this.detector = detector;
        options = detector.Card.Options;
        search = new NeighbourSearchGraph(graph, detector.Patches, weights);
    }

    /// <inheritdoc cref="MethodGraph.Score"/>
    public static DetectorNodes Score(OnnxGraph graph, WeightStore weights, PatchCoreDetector detector, OnnxValue images, int height, int width)
    {
        IReadOnlyList<FeatureMap> maps = new BackboneGraph(graph, weights, detector.Folded).Maps(images, height, width, detector.Card.Options.Stages);
        (int rows, int columns) = (maps[0].Height, maps[0].Width);
        PatchCoreGraph own = new(graph, detector, weights);
        OnnxValue flat = graph.Reshape(own.Patches(maps), graph.Integers([-1, own.options.PatchSize], [2]));
        (OnnxValue score, OnnxValue nearest, OnnxValue near) = own.Score(flat, rows * columns);
        return new DetectorNodes(score, nearest, branch => own.Map(branch, flat, near, rows, columns, height, width));
    }

    /// <summary>float32 [B, rows · columns, patch size].</summary>
    private OnnxValue Patches(IReadOnlyList<FeatureMap> maps)
    {
        List<OnnxValue> stages = [];
        foreach (FeatureMap map in maps)
        {
            OnnxValue pooled = Pool(Neighbourhoods(map), 9 * map.Channels);
            stages.Add(map.Height == maps[0].Height && map.Width == maps[0].Width ? pooled : graph.ResizeLinear(pooled, map.Height, map.Width, maps[0].Height, maps[0].Width));
        }

        OnnxValue together = stages.Count == 1 ? stages[0] : Pool(graph.Concatenate(stages, 1), options.PatchSize * stages.Count);
        return graph.Transpose(together, 0, 2, 3, 1);
    }

    /// <summary>The 3 × 3 neighbourhood of every position as channels, [B, 9 C, height, width]: nine convolutions with a single 1.</summary>
    private OnnxValue Neighbourhoods(FeatureMap map)
    {
        float[] shifts = new float[map.Channels * 81];
        for (int i = 0; i < map.Channels * 9; i++) shifts[i * 9 + i % 9] = 1;
        OnnxValue weight = graph.Floats(shifts, [map.Channels * 9, 1, 3, 3], "neighbourhood");
        return graph.Convolution(map.Value, weight, graph.Floats(new float[map.Channels * 9], [map.Channels * 9]), 3, 1, 1, map.Channels);
    }

    /// <summary>The adaptive average over the channels: each of the patch's numbers is the mean of the few channels that fall to it.</summary>
    private OnnxValue Pool(OnnxValue value, int channels)
    {
        int size = options.PatchSize;
        (int Start, int Length)[] parts = [.. Enumerable.Range(0, size).Select(i =>
        {
            int start = (int)((long)i * channels / size), end = (int)(((i + 1L) * channels + size - 1) / size);
            return (start, end - start);
        })];
        OnnxValue? sum = null;
        for (int k = 0; k < parts.Max(part => part.Length); k++)
        {
            OnnxValue picked = graph.Gather(value, graph.Integers([.. parts.Select(part => (long)part.Start + Math.Min(k, part.Length - 1))], [size]), 1);
            float[] shares = [.. parts.Select(part => k < part.Length ? 1f / part.Length : 0)];
            OnnxValue weighted = shares.All(share => share == 1) ? picked : graph.Multiply(picked, graph.Floats(shares, [1, size, 1, 1]));
            sum = sum is { } before ? graph.Add(before, weighted) : weighted;
        }

        return sum!.Value;
    }

    /// <summary>float64 [B], the row of the bank that the worst patch is nearest to [B], and the nearest rows of every patch [B · positions, k].</summary>
    private (OnnxValue Score, OnnxValue Nearest, OnnxValue Near) Score(OnnxValue flat, int positions)
    {
        long neighbours = search.Cut(options.Neighbours), few = Math.Min(1 + PatchCoreDetector.Spare, positions);
        (OnnxValue offsets, OnnxValue rows) = search.Nearest(flat, options.Neighbours + PatchCoreDetector.Spare);
        OnnxValue squared = graph.Maximum(graph.Add(offsets, graph.Sum(graph.Multiply(flat, flat), 1, keep: true)), graph.Number(0f));
        // Offsets are ascending, so the first are the nearest.
        OnnxValue approximate = Mean(graph, graph.SquareRoot(graph.Slice(squared, [0], [neighbours], [1])), neighbours);
        OnnxValue order = graph.Reshape(approximate, graph.Integers([-1, positions], [2]));
        OnnxValue worst = graph.Largest(order, few).Indices;
        // Rows of the flat list: image · positions + position.
        OnnxValue batch = graph.Gather(graph.Shape(order), graph.Number(0L), 0);
        OnnxValue first = graph.Multiply(graph.Unsqueeze(graph.Range(graph.Number(0L), batch, graph.Number(1L)), 1), graph.Number((long)positions));
        OnnxValue chosenRows = graph.Add(worst, first);
        OnnxValue chosen = graph.Cast(graph.Gather(flat, chosenRows, 0), OnnxType.Double);
        OnnxValue candidates = graph.Gather(rows, chosenRows, 0);
        OnnxValue entries = graph.Cast(graph.Gather(search.Entries, candidates, 0), OnnxType.Double);
        OnnxValue difference = graph.Subtract(graph.Unsqueeze(chosen, 2), entries);
        OnnxValue exact = graph.SquareRoot(graph.Add(graph.Sum(graph.Multiply(difference, difference), 3, keep: false), graph.Number(PatchCoreDetector.RootFloor)));
        (OnnxValue closeness, OnnxValue position) = graph.Largest(graph.Negate(exact), neighbours);
        OnnxValue distance = Mean(graph, graph.Negate(closeness), neighbours, axis: 2);
        (OnnxValue score, OnnxValue patch) = graph.Largest(distance, 1);
        OnnxValue own = graph.Squeeze(graph.GatherElements(candidates, graph.Slice(position, [0], [1], [2]), 2), 2);
        OnnxValue nearest = graph.Squeeze(graph.GatherElements(own, patch, 1), 1);
        return (graph.Squeeze(score, 1), nearest, graph.Slice(rows, [0], [neighbours], [1]));
    }

    /// <summary>The map of <see cref="PatchCoreDetector.HeatMap"/>, float32 [B, height, width].</summary>
    private OnnxValue Map(OnnxGraph branch, OnnxValue flat, OnnxValue near, int rows, int columns, int height, int width)
    {
        long neighbours = search.Cut(options.Neighbours);
        OnnxValue difference = branch.Subtract(branch.Unsqueeze(flat, 1), branch.Gather(search.Entries, near, 0));
        OnnxValue distance = branch.SquareRoot(branch.Add(branch.Sum(branch.Multiply(difference, difference), 2, keep: false), branch.Number((float)PatchCoreDetector.RootFloor)));
        OnnxValue map = branch.Reshape(Mean(branch, distance, neighbours), branch.Integers([-1, 1, rows, columns], [4]));
        MapPlan plan = detector.MapFor(height, width);
        map = MapGraph.Place(branch, plan.Shown, map, rows, columns, height, width);
        map = branch.Pad(map, [0, 0, plan.Radius, plan.Radius], [0, 0, plan.Radius, plan.Radius], "reflect");
        using Tensor kernel = GaussianBlur.Kernel(plan.Radius, plan.Sigma).to(ScalarType.Float32);
        float[] weights = kernel.data<float>().ToArray();
        map = branch.FilterAlong(map, branch.Floats(weights, [1, 1, weights.Length, 1], "blur"), branch.Floats([0], [1]));
        map = branch.FilterAlong(map, branch.Floats(weights, [1, 1, 1, weights.Length], "blur"), branch.Floats([0], [1]));
        return branch.Squeeze(map, 1);
    }

    private static OnnxValue Mean(OnnxGraph graph, OnnxValue values, long count, long axis = 1)
    {
        OnnxValue sum = graph.Sum(values, axis, keep: false);
        return count == 1 ? sum : graph.Divide(sum, sum.Type == OnnxType.Double ? graph.Number((double)count) : graph.Number((float)count));
    }
}
