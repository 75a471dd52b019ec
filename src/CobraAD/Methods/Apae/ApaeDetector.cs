using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Serialization.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Apae;

/// <summary>The weighted error of the best reconstruction that a descent finds. Takes images in float64 too, and then computes in it throughout.</summary>
internal sealed class ApaeDetector : MethodDetector<ApaeOptions>
{
    private readonly ApaeNetwork network;
    private readonly ApaeNetwork doubles;
    private readonly ApaeScore score;
    private readonly ApaeScore exactScore;

    /// <summary>Takes over the network.</summary>
    public ApaeDetector(MethodCard<ApaeOptions> card, ApaeNetwork network)
        : base(card)
    {
        this.network = network;
        using Generator rng = new(0, CPU);
        doubles = new ApaeNetwork(card.Options, (int)network.Weights.size(1), (int)network.Weights.size(2), rng).to(ScalarType.Float64).to(Device);
        StateDictionary.Load(doubles, network.state_dict(), "the network in float64");
        Freeze(network);
        Freeze(doubles);
        score = new ApaeScore(network, Options.ProjectionSteps);
        exactScore = new ApaeScore(doubles, Options.ProjectionSteps);
        Surrogates =
        [
            new ScoreSurrogate("error without projection", images => ScoreOf(images).WithoutProjection(images)),
            new ScoreSurrogate("projected code held fixed", images => ScoreOf(images).WithCodeFixed(images)),
        ];
    }

    public override Device Device => network.parameters().First().device;

    public override IReadOnlyList<ScoreSurrogate> Surrogates { get; }

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors =>
        new Dictionary<string, IReadOnlyDictionary<string, Tensor>> { ["network"] = network.state_dict() };

    public override Tensor Score(Tensor images) => ScoreOf(images).Of(images);

    /// <summary>The encoder's own code.</summary>
    public override Tensor Outputs(Tensor images) => (images.dtype == ScalarType.Float64 ? doubles : network).Encoder.call(images);

    public override void Dispose()
    {
        network.Dispose();
        doubles.Dispose();
    }

    private ApaeScore ScoreOf(Tensor images) => images.dtype == ScalarType.Float64 ? exactScore : score;
}
