using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Ocsdf;

/// <summary>A(x) = -f(x), f a 1-Lipschitz network but for the scaling of its input. Takes images in float64 too, and then computes in it throughout.</summary>
internal sealed class OcsdfDetector : MethodDetector<OcsdfOptions>, ILipschitzScore
{
    private readonly LipschitzNetwork doubles;

    /// <summary>Takes over the network.</summary>
    /// <exception cref="InvalidOperationException">A layer of the network is not 1-Lipschitz.</exception>
    public OcsdfDetector(MethodCard<OcsdfOptions> card, LipschitzNetwork network)
        : base(card)
    {
        Network = network;
        LipschitzConstant = network.LipschitzConstant();
        doubles = Handover.OrDispose(new LipschitzNetwork(card.Options, card.Data.Height, card.Data.Width), copy =>
        {
            StateDictionary.Load(copy, network.state_dict(), "the network in float64");
            return copy.to(ScalarType.Float64).to(Device);
        });
        Freeze(network);
        Freeze(doubles);
    }

    public LipschitzNetwork Network { get; }

    public double LipschitzConstant { get; }

    public override Device Device => Network.Unit.weight!.device;

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors =>
        new Dictionary<string, IReadOnlyDictionary<string, Tensor>> { ["network"] = Network.state_dict() };

    public override Tensor Score(Tensor images) => PartedPass.Of(images, PartedPass.SizeFor(Options.Widths[0], images.size(2), images.size(3)), part =>
    {
        using DisposeScope scope = NewDisposeScope();
        return NetworkFor(part).call(part).to(ScalarType.Float64).neg().MoveToOuterDisposeScope();
    });

    /// <summary>What the last unit sees.</summary>
    public override Tensor Outputs(Tensor images) => NetworkFor(images).Features(images);

    public override void Dispose()
    {
        Network.Dispose();
        doubles.Dispose();
    }

    private LipschitzNetwork NetworkFor(Tensor images) => images.dtype == ScalarType.Float64 ? doubles : Network;
}
