using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.ReContrast;

/// <summary>A(x) = max over the places of M(x), <see cref="ReContrastMap"/>. Both encoders are part of its gradient.</summary>
internal sealed class ReContrastDetector : MethodDetector<ReContrastOptions>, IAnomalyMap
{
    private readonly Backbone backbone;
    private readonly ReContrastNetwork network;
    private readonly ResNet frozen;
    private readonly ResNet trained;

    /// <summary>Takes over the backbone E_f and the network.</summary>
    public ReContrastDetector(MethodCard<ReContrastOptions> card, Backbone backbone, ReContrastNetwork network)
        : base(card)
    {
        this.backbone = backbone;
        this.network = network;
        Freeze(network);
        frozen = Frozen(backbone);
        trained = network.Encoder.Fold();
        Surrogates =
        [
            Other("mean of the map", map => map.mean([1])),
            Other("soft maximum of the map", map =>
            {
                Tensor temperature = 0.05 * map.detach().amax([1], keepdim: true);
                return (map / temperature).logsumexp(1) * temperature.squeeze(1);
            }),
        ];
    }

    /// <summary>How images are prepared; owned by the detector.</summary>
    internal Backbone Backbone => backbone;

    /// <summary>Bottleneck and decoder, and E with its normalisations; owned by the detector.</summary>
    internal ReContrastNetwork Network => network;

    /// <summary>E_f and E, folded; owned by the detector.</summary>
    internal (ResNet Frozen, ResNet Trained) Encoders => (frozen, trained);

    public override Device Device => trained.Device;

    public override IReadOnlyList<ScoreSurrogate> Surrogates { get; }

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors => WithBackbone(backbone, "network", network.state_dict());

    public override Tensor Score(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return ScoreOf(FlatMap(images)).MoveToOuterDisposeScope();
    }

    /// <summary>The map, averaged over areas of about a sixteenth of it, so that an attack has directions.</summary>
    public override Tensor Outputs(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return nn.functional.adaptive_avg_pool2d(Map(images), [4, 4]).flatten(1).MoveToOuterDisposeScope();
    }

    public Tensor HeatMap(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = Map(images).to(ScalarType.Float32);
        ShownWindow shown = ShownWindow.Of(Options.Backbone, (int)images.size(2), (int)images.size(3));
        return shown.Place(map, images.size(2), images.size(3)).squeeze(1).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        backbone.Dispose();
        network.Dispose();
        frozen.Dispose();
        trained.Dispose();
    }

    /// <summary>E_f, folded; the caller disposes it.</summary>
    internal static ResNet Frozen(Backbone backbone)
    {
        using ResNet stages = ((ResNet)backbone.Network).FirstStages(ReContrastNetwork.Stages);
        return stages.Fold();
    }

    private Tensor Map(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor prepared = backbone.Prepare(images);
        IReadOnlyList<MapPair> pairs = network.Pairs([.. frozen.FeatureMaps(prepared).Skip(1)], [.. trained.FeatureMaps(prepared).Skip(1)]);
        return ReContrastMap.Of(pairs, prepared.size(2), prepared.size(3), Options.Sigma).MoveToOuterDisposeScope();
    }

    private Tensor FlatMap(Tensor images) => Map(images).flatten(1);

    private static Tensor ScoreOf(Tensor map) => map.amax([1]);

    private ScoreSurrogate Other(string name, Func<Tensor, Tensor> score) => ScoreSurrogate.OfFeatures(name, FlatMap, ScoreOf, score);
}
