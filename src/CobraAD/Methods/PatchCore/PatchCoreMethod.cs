using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Serialization.Archive;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.PatchCore;

/// <summary>
/// PatchCore: a coreset of the training images' patches; what has a patch far from all of them is anomalous.
/// Formulas, presets and departures from the original: docs/reference/methods/patchcore.md.
/// </summary>
internal sealed class PatchCoreMethod : LoopMethod<PatchCoreOptions>
{
    public override string Name => "patchcore";

    public override string Title => "PatchCore (Roth et al. 2022)";

    public override string Needs => "nothing else: its backbone is the ImageNet package's; --backbone names another";

    public override string? Announce(DetectorOptions options, ImageSet images)
    {
        if (options is not PatchCoreOptions own) return null;
        using CalibrationSplit split = new(images, own.Calibration, own.Seed);
        using Generator rng = new(0, CPU);
        using Backbone shape = BackboneStore.Open(own.Backbone.WithoutWeights(), rng);
        return $"PatchCore: {Plan(own, split.Training, new PatchFeatures(shape, own), CPU)}.";
    }

    protected override string NameOf(PatchCoreOptions options) => "PatchCore";

    protected override string NameOf(PatchCoreOptions options, WeightOrigin? backbone) => backbone is null ? NameOf(options) : $"{NameOf(options)} ({backbone.Describe(options.Backbone)})";

    protected override PatchCoreOptions OptionsOf(string preset, int imageSize) => preset == "tiny"
        ? new PatchCoreOptions
        {
            Preset = preset,
            Backbone = new BackboneOptions { Network = new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 0.25 } },
            PatchSize = 64,
            ProjectionSize = 32,
        }
        : new PatchCoreOptions();

    protected override MethodDetector<PatchCoreOptions> Fit(PatchCoreOptions options, TrainingLoop run, Func<MethodCard<PatchCoreOptions>> finish)
    {
        using Generator rng = run.Streams.Create("backbone");
        Backbone backbone = BackboneStore.Open(options.Backbone, rng).To(run.Device);
        try
        {
            run.Backbone = backbone.Origin;
            using Backbone folded = backbone.Fold();
            PatchFeatures features = new(folded, options);
            Tensor kept = Kept(options, run, features);
            return new PatchCoreDetector(finish(), backbone, kept);
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    protected override MethodDetector<PatchCoreOptions> Restore(MethodCard<PatchCoreOptions> card, ModelArchive archive, string path, Device device) =>
        new PatchCoreDetector(card, RestoreBackbone(card, card.Options.Backbone, archive, path, device), Take(archive, "bank", "patches", path, device));

    /// <summary>The patches of images that a bank keeps, [kept, patch size]; the caller disposes them.</summary>
    internal static Tensor Kept(PatchCoreOptions options, TrainingLoop run, PatchFeatures features)
    {
        PatchPlan plan = Plan(options, run.Images, features, run.Device);
        using Tensor patches = Collect(options, run, features, plan);
        using Generator choice = run.Streams.Create("coreset");
        using Tensor kept = Coreset.Choose(patches, plan.Kept, options.ProjectionSize, choice, run.Cancellation);
        return patches.index_select(0, kept);
    }

    private static PatchPlan Plan(PatchCoreOptions options, ImageSet images, PatchFeatures features, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        (_, int height, int width) = features.Of(images.Batch(0, 1, device));
        return PatchPlan.For(options, images.Count, height * width);
    }

    /// <summary>The drawn patches of all images, [total, patch size], in one tensor that is filled image by image.</summary>
    private static Tensor Collect(PatchCoreOptions options, TrainingLoop run, PatchFeatures features, PatchPlan plan)
    {
        Tensor patches = empty([plan.Total, options.PatchSize], device: run.Device).DetachFromDisposeScope();
        int filled = 0;
        run.ForEachBatch(images =>
        {
            (Tensor found, _, _) = features.Of(images);
            for (long i = 0; i < images.size(0); i++, filled += plan.PerImage)
            {
                using Generator rng = run.Streams.Create("patches", filled / plan.PerImage);
                Tensor own = found[i];
                if (plan.PerImage < plan.Positions)
                    own = own.index_select(0, randperm(plan.Positions, ScalarType.Int64, CPU, generator: rng).narrow(0, 0, plan.PerImage).to(run.Device));
                patches.narrow(0, filled, plan.PerImage).copy_(own);
            }
        });
        return patches;
    }
}
