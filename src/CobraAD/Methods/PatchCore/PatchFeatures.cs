using CobraAD.Networks.Backbones;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.PatchCore;

/// <summary>
/// The patches of images. Of each stage's map, the 3 × 3 neighbourhood of every position is averaged to a vector of fixed length; coarser maps are
/// enlarged to the first one's grid; the stages' vectors together are averaged to one. Differentiable from the image on.
/// </summary>
internal sealed class PatchFeatures(Backbone backbone, PatchCoreOptions options)
{
    /// <summary>Most bytes of one block of unfolded neighbourhoods; without gradients it bounds the memory of a pass.</summary>
    private const long BlockBytes = 256L << 20;

    /// <summary>The patches, row by row of the grid; the caller disposes them.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1].</param>
    /// <returns>[B, positions, patch size], and the grid's height and width.</returns>
    public (Tensor Patches, int Height, int Width) Of(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<Tensor> maps = backbone.FeatureMaps(images, options.Stages[^1]);
        long height = maps[options.Stages[0]].size(2), width = maps[options.Stages[0]].size(3);
        List<Tensor> stages = [];
        foreach (int stage in options.Stages)
        {
            Tensor vectors = Neighbourhoods(maps[stage]);
            Tensor grid = vectors.transpose(1, 2).reshape(images.size(0), options.PatchSize, maps[stage].size(2), maps[stage].size(3));
            if (grid.size(2) != height || grid.size(3) != width)
                grid = nn.functional.interpolate(grid, [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
            stages.Add(grid.flatten(2).transpose(1, 2));
        }

        Tensor together = cat(stages, 2).reshape(images.size(0) * height * width, 1, -1);
        Tensor patches = stages.Count == 1 ? stages[0] : nn.functional.adaptive_avg_pool1d(together, options.PatchSize).view(images.size(0), height * width, -1);
        return (patches.contiguous().MoveToOuterDisposeScope(), (int)height, (int)width);
    }

    /// <summary>[B, C, H, W] to [B, H · W, patch size], a few images at a time.</summary>
    private Tensor Neighbourhoods(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        long bytes = 9 * map.size(1) * map.size(2) * map.size(3) * map.ElementSize;
        long step = Math.Clamp(BlockBytes / bytes, 1, map.size(0));
        List<Tensor> parts = [];
        for (long start = 0; start < map.size(0); start += step)
        {
            using DisposeScope block = NewDisposeScope();
            Tensor some = map.narrow(0, start, Math.Min(step, map.size(0) - start));
            Tensor unfolded = nn.functional.unfold(some, 3, padding: 1).transpose(1, 2);
            Tensor rows = unfolded.reshape(unfolded.size(0) * unfolded.size(1), 1, unfolded.size(2));
            parts.Add(nn.functional.adaptive_avg_pool1d(rows, options.PatchSize).view(unfolded.size(0), unfolded.size(1), -1).MoveToOuterDisposeScope());
        }

        return cat(parts).MoveToOuterDisposeScope();
    }
}
