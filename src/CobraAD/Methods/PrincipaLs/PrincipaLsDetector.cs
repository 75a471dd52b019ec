using CobraAD.Methods.Common;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.PrincipaLs;

/// <summary>A(x) = ‖x̂ - x‖² with x the image as it is given, attacked or not.</summary>
internal sealed class PrincipaLsDetector : MethodDetector<PrincipaLsOptions>
{
    private readonly PrincipaLsNetwork network;

    /// <summary>Takes over the network.</summary>
    public PrincipaLsDetector(MethodCard<PrincipaLsOptions> card, PrincipaLsNetwork network)
        : base(card)
    {
        this.network = network;
        Freeze(network);
    }

    public override Device Device => network.parameters().First().device;

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors =>
        new Dictionary<string, IReadOnlyDictionary<string, Tensor>> { ["network"] = network.state_dict() };

    public override Tensor Score(Tensor images) => Error(network, images);

    /// <summary>The coefficients that both principal component analyses keep.</summary>
    public override Tensor Outputs(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return network.Reduce(network.Encode(images)).MoveToOuterDisposeScope();
    }

    public override void Dispose() => network.Dispose();

    /// <summary>float64 [B]; the caller disposes it.</summary>
    internal static Tensor Error(PrincipaLsNetwork network, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return (network.call(images) - images).to(ScalarType.Float64).square().sum([1, 2, 3]).MoveToOuterDisposeScope();
    }
}
