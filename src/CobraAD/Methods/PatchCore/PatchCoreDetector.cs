using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Methods.Neighbours;
using CobraAD.Networks.Backbones;
using CobraAD.Training;
using CobraAD.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.PatchCore;

/// <summary>
/// A(x) = max over the patches p of the mean distance to the k nearest stored patches. All patches are compared by float32 products without a
/// graph; the few that may be the maximum are compared again, exactly and differentiably.
/// </summary>
internal sealed class PatchCoreDetector : MethodDetector<PatchCoreOptions>, IAnomalyMap
{
    /// <summary>Keeps the slope of a root finite where a patch meets a stored one.</summary>
    internal const double RootFloor = 1e-12;

    /// <summary>Candidates beyond those that count, against the rounding of float32 products.</summary>
    internal const int Spare = 8;

    private readonly Backbone backbone;
    private readonly Backbone scoring;
    private readonly PatchFeatures features;
    private Tensor bank;

    /// <summary>Takes over the backbone and the stored patches [M, patch size].</summary>
    public PatchCoreDetector(MethodCard<PatchCoreOptions> card, Backbone backbone, Tensor bank)
        : base(card)
    {
        this.backbone = backbone;
        this.bank = bank.DetachFromDisposeScope();
        scoring = backbone.Fold();
        features = new PatchFeatures(scoring, card.Options);
        Surrogates =
        [
            OverPatches("mean over the worst 1 % of the patches", distance => distance.topk((int)Math.Max(1, distance.size(1) / 100), 1).values.mean([1])),
            OverPatches("soft maximum over the patches", distance =>
            {
                Tensor temperature = 0.05 * distance.detach().amax([1], keepdim: true);
                return (distance / temperature).logsumexp(1) * temperature.squeeze(1);
            }),
        ];
    }

    public override Device Device => bank.device;

    public override IReadOnlyList<ScoreSurrogate> Surrogates { get; }

    /// <summary>The folded backbone; owned by the detector.</summary>
    internal Backbone Folded => scoring;

    /// <summary>The stored patches, [M, patch size]; owned by the detector.</summary>
    internal Tensor Patches => bank;

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors =>
        WithBackbone(backbone, "bank", new Dictionary<string, Tensor> { ["patches"] = bank });

    public override Tensor Score(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor patches, _, _) = features.Of(images);
        return ScoreOf(patches).MoveToOuterDisposeScope();
    }

    /// <summary>The distance map, averaged over areas of about a sixteenth of the image, so that an attack has directions.</summary>
    public override Tensor Outputs(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor distance, int height, int width) = Distances(images);
        return nn.functional.adaptive_avg_pool2d(distance.view(-1, 1, height, width), [Math.Min(4, height), Math.Min(4, width)]).flatten(1).MoveToOuterDisposeScope();
    }

    public Tensor HeatMap(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor distance, int height, int width) = Distances(images);
        MapPlan plan = MapFor((int)images.size(2), (int)images.size(3));
        Tensor map = plan.Shown.Place(distance.view(-1, 1, height, width), images.size(2), images.size(3));
        return GaussianBlur.Apply(map, GaussianBlur.Kernel(plan.Radius, plan.Sigma)).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>How distances become a map of images of a size.</summary>
    internal MapPlan MapFor(int height, int width)
    {
        // The original's sigma of 4 belongs to 224 pixels.
        double sigma = 4.0 * Math.Max(height, width) / 224;
        return new MapPlan(ShownWindow.Of(Options.Backbone, height, width), (int)Math.Min(Math.Ceiling(4 * sigma), Math.Min(height, width) - 1), sigma);
    }

    public override bool HasBank => true;

    /// <summary>Of the new images' patches the same share is kept as of the training images', by a coreset of their own.</summary>
    public override void Extend(ImageSet goodImages)
    {
        using Tensor added = PatchCoreMethod.Kept(Options, new TrainingLoop(goodImages, Options.Seed, new TrainingSession { Device = Device }), features);
        Tensor extended = cat([bank, added]).DetachFromDisposeScope();
        bank.Dispose();
        bank = extended;
    }

    public override void Dispose()
    {
        backbone.Dispose();
        scoring.Dispose();
        bank.Dispose();
    }

    private Tensor ScoreOf(Tensor patches)
    {
        long batch = patches.size(0), positions = patches.size(1);
        (Tensor order, Tensor near) = Search(patches);

        int few = (int)Math.Min(1 + Spare, positions);
        Tensor worst = order.topk(few, dim: 1).indexes;
        Tensor chosen = patches.gather(1, worst.unsqueeze(2).expand(batch, few, patches.size(2))).to(ScalarType.Float64);
        Tensor rows = near.gather(1, worst.unsqueeze(2).expand(batch, few, near.size(2)));
        Tensor entries = bank.index_select(0, rows.flatten()).view(batch, few, near.size(2), -1).to(ScalarType.Float64);
        Tensor distance = ((chosen.unsqueeze(2) - entries).square().sum([3]) + RootFloor).sqrt();
        return MeanOfNearest(distance).amax([1]);
    }

    private Tensor MeanOfNearest(Tensor distance) =>
        distance.topk((int)Math.Min(Options.Neighbours, distance.size(-1)), dim: -1, largest: false).values.mean([-1]);

    /// <summary>Approximate distances [B, positions], and candidates for the nearest stored patches [B, positions, k + spare].</summary>
    private (Tensor Distance, Tensor Rows) Search(Tensor patches)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Tensor flat = patches.detach().view(-1, patches.size(2));
        (Tensor near, Tensor offset) = NeighbourBank.Search(flat, bank, Options.Neighbours + Spare);
        Tensor squared = (offset + flat.square().sum([1], keepdim: true)).clamp_min(0);
        Tensor distance = MeanOfNearest(squared.sqrt()).view(patches.size(0), -1);
        return (distance.MoveToOuterDisposeScope(), near.view(patches.size(0), patches.size(1), -1).MoveToOuterDisposeScope());
    }

    /// <summary>The distance of every patch, differentiable: float32 [B, positions].</summary>
    private (Tensor Distance, int Height, int Width) Distances(Tensor images)
    {
        (Tensor patches, int height, int width) = features.Of(images);
        return (DistancesOf(patches), height, width);
    }

    private Tensor DistancesOf(Tensor patches)
    {
        Tensor flat = patches.view(-1, patches.size(2));
        (Tensor near, _) = NeighbourBank.Search(flat, bank, Options.Neighbours);
        Tensor entries = bank.index_select(0, near.flatten()).view(near.size(0), near.size(1), -1);
        Tensor distance = ((flat.unsqueeze(1) - entries).square().sum([2]) + RootFloor).sqrt();
        return MeanOfNearest(distance).view(patches.size(0), -1);
    }

    private ScoreSurrogate OverPatches(string name, Func<Tensor, Tensor> score) =>
        ScoreSurrogate.OfFeatures(name, images => features.Of(images).Patches, ScoreOf, patches => score(DistancesOf(patches)));
}
