using CobraAD.Methods.Common;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.DeepSvdd;

/// <summary>A(x) = ‖φ(x) - c‖² - R², with R = 0 for the one-class objective.</summary>
internal sealed class DeepSvddDetector : MethodDetector<DeepSvddOptions>
{
    private readonly LeNetEncoder encoder;
    private readonly ContrastNormalization contrast;
    private readonly Tensor centre;
    private readonly Tensor constants;
    private readonly double squaredRadius;

    /// <summary>Takes over the encoder and the centre.</summary>
    public DeepSvddDetector(MethodCard<DeepSvddOptions> card, LeNetEncoder encoder, ContrastNormalization contrast, Tensor centre, double squaredRadius)
        : base(card)
    {
        this.encoder = encoder;
        this.contrast = contrast;
        this.centre = centre.DetachFromDisposeScope();
        this.squaredRadius = squaredRadius;
        constants = tensor([contrast.Least, contrast.Most, squaredRadius], ScalarType.Float64).DetachFromDisposeScope();
        Freeze(encoder);
    }

    public override Device Device => centre.device;

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors => new Dictionary<string, IReadOnlyDictionary<string, Tensor>>
    {
        ["encoder"] = encoder.state_dict(),
        ["score"] = new Dictionary<string, Tensor> { ["centre"] = centre, ["constants"] = constants },
    };

    public override Tensor Score(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor offset = encoder.call(contrast.Apply(images)).to(ScalarType.Float64) - centre.to(ScalarType.Float64);
        return (offset.square().sum([1]) - squaredRadius).MoveToOuterDisposeScope();
    }

    /// <summary>The offset φ(x) - c from the centre, whose squared length the score is.</summary>
    public override Tensor Outputs(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return (encoder.call(contrast.Apply(images)) - centre).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        encoder.Dispose();
        centre.Dispose();
        constants.Dispose();
    }
}
