using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Losses;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Neighbours;

/// <summary>A(x) = Σ over the k nearest training images i of ‖φ(x) - φ(x_i)‖², or of its root.</summary>
internal sealed class NeighbourDetector<TOptions> : MethodDetector<TOptions>, INeighbourDetector, IAnomalyDetector
    where TOptions : NeighbourOptions
{
    private readonly Backbone backbone;
    private readonly Backbone scoring;
    private NeighbourBank bank;
    private readonly NeighbourScore kind;

    /// <summary>Takes over the backbone and the features [N, D] of the training images.</summary>
    public NeighbourDetector(MethodCard<TOptions> card, Backbone backbone, Tensor features, NeighbourScore kind)
        : base(card)
    {
        this.backbone = backbone;
        this.kind = kind;
        scoring = backbone.Fold();
        bank = new NeighbourBank(features);
        Surrogates =
        [
            .. ((double[])[0.02, 0.1]).Select(share => Surrogate($"soft minimum, temperature {share} of the distance", features => SoftMinimum(features, share))),
            Surrogate("mean of the 10 smallest squared distances", features => bank.Nearest(features, 10).mean([1])),
        ];
    }

    NeighbourScore INeighbourDetector.Kind => kind;

    int INeighbourDetector.Neighbours => Options.Neighbours;

    Backbone INeighbourDetector.Folded => scoring;

    Tensor INeighbourDetector.Features => bank.Features;

    public override Device Device => bank.Features.device;

    public override IReadOnlyList<ScoreSurrogate> Surrogates { get; }

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors =>
        WithBackbone(backbone, "bank", new Dictionary<string, Tensor> { ["features"] = bank.Features });

    public override Tensor Score(Tensor images) => Scored(images, ScoreOf);

    /// <summary>Squared distances to ten training images that lie far from each other.</summary>
    public override Tensor Outputs(Tensor images) => Scored(images, bank.ToPrototypes);

    /// <summary>An image farther from a training image scores higher.</summary>
    public int ItemEffect => +1;

    /// <summary>The nearest training images, no two of them alike.</summary>
    public Tensor? NearestItems(Tensor images, int count)
    {
        using IDisposable frozen = no_grad();
        return Scored(images, features => bank.NearestDistinct(features, count));
    }

    /// <summary>Squared distances of each image to training images of its own.</summary>
    public Tensor Outputs(Tensor images, Tensor items) => Scored(images, features => bank.Distances(features, items));

    public override bool HasBank => true;

    public override void Extend(ImageSet goodImages)
    {
        using IDisposable frozen = no_grad();
        using Tensor added = BatchedPass.Join(goodImages.Count, BatchedPass.Size, (start, size) => Features(scoring, goodImages.Batch(start, size, Device), kind));
        NeighbourBank extended = new(cat([bank.Features, added]));
        bank.Dispose();
        bank = extended;
    }

    public override void Dispose()
    {
        backbone.Dispose();
        scoring.Dispose();
        bank.Dispose();
    }

    /// <summary>φ(x), on the sphere where the score wants that; the caller disposes it.</summary>
    internal static Tensor Features(Backbone backbone, Tensor images, NeighbourScore kind)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = backbone.Features(images);
        return (kind == NeighbourScore.SquaredOnSphere ? UnitLength.Of(features) : features).MoveToOuterDisposeScope();
    }

    /// <summary>The nearest training image is the image itself, so the next ones count.</summary>
    protected override Tensor ScoreTrainingImages(Tensor images) => Scored(images, features =>
    {
        Tensor nearest = bank.Nearest(features, Options.Neighbours + 1);
        return Sum(nearest.narrow(1, 1, nearest.size(1) - 1));
    });

    private Tensor Sum(Tensor squared) => kind == NeighbourScore.Euclidean ? (squared + NeighbourBank.RootFloor).sqrt().sum([1]) : squared.sum([1]);

    /// <summary>-T log Σ exp(-d²/T) over near neighbours, with T a share of the image's own distance.</summary>
    private Tensor SoftMinimum(Tensor features, double share)
    {
        Tensor squared = bank.Nearest(features, 256);
        Tensor temperature = share * squared.select(1, 0).detach().clamp_min(1e-12).unsqueeze(1);
        return -(squared.neg() / temperature).logsumexp(1) * temperature.squeeze(1);
    }

    private Tensor ScoreOf(Tensor features) => Sum(bank.Nearest(features, Options.Neighbours));

    private ScoreSurrogate Surrogate(string name, Func<Tensor, Tensor> standIn) =>
        ScoreSurrogate.OfFeatures(name, images => Features(scoring, images, kind), ScoreOf, standIn);

    private Tensor Scored(Tensor images, Func<Tensor, Tensor> score)
    {
        using DisposeScope scope = NewDisposeScope();
        return score(Features(scoring, images, kind)).MoveToOuterDisposeScope();
    }
}
