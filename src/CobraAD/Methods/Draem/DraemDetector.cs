using CobraAD.Detection;
using CobraAD.Methods.Common;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Draem;

/// <summary>A(x) = the largest mean over a window of the probabilities that a pixel is anomalous. The reconstruction is part of its gradient.</summary>
internal sealed class DraemDetector : MethodDetector<DraemOptions>, IAnomalyMap
{
    /// <summary>The side that the original's window belongs to.</summary>
    private const double Side = 256;

    private readonly DraemNetwork network;

    /// <summary>Takes over the network.</summary>
    public DraemDetector(MethodCard<DraemOptions> card, DraemNetwork network)
        : base(card)
    {
        this.network = network;
        Freeze(network);
        Surrogates =
        [
            new ScoreSurrogate("the same of the log-odds, which do not saturate", images => Scored(images, odds => Averaged(odds).amax([1, 2, 3]))),
            new ScoreSurrogate("mean of the log-odds", images => Scored(images, odds => odds.mean([1, 2, 3]))),
        ];
    }

    /// <summary>Both networks; owned by the detector.</summary>
    internal DraemNetwork Network => network;

    public override Device Device => network.parameters().First().device;

    public override IReadOnlyList<ScoreSurrogate> Surrogates { get; }

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Tensors =>
        new Dictionary<string, IReadOnlyDictionary<string, Tensor>> { ["network"] = network.state_dict() };

    public override Tensor Score(Tensor images) => Scored(images, odds => Averaged(odds.sigmoid()).amax([1, 2, 3]));

    /// <summary>The log-odds, averaged over areas of about a sixteenth of the image, so that an attack has directions.</summary>
    public override Tensor Outputs(Tensor images) => Scored(images, odds => nn.functional.adaptive_avg_pool2d(odds, [4, 4]).flatten(1));

    /// <summary>The probabilities themselves: the window is for the score alone, as in the original.</summary>
    public Tensor HeatMap(Tensor images) => Scored(images, odds => odds.sigmoid().to(ScalarType.Float32).squeeze(1));

    public override void Dispose() => network.Dispose();

    /// <summary>The odd window on an image that is nearest to one of a side at 256 pixels.</summary>
    internal static int WindowAt(double window, long height, long width) => 2 * (int)Math.Round((window * Math.Min(height, width) / Side - 1) / 2) is var side and > 0 ? side + 1 : 1;

    /// <summary>Side of the window on images of a size.</summary>
    internal int WindowFor(long height, long width) => WindowAt(Options.Window, height, width);

    /// <summary>The mean over the window around each pixel; beyond the border there is 0.</summary>
    private Tensor Averaged(Tensor map)
    {
        int side = WindowFor(map.size(2), map.size(3));
        return nn.functional.avg_pool2d(map, side, stride: 1, padding: side / 2);
    }

    /// <summary>Of the log-odds float64 [B, 1, H, W].</summary>
    private Tensor Scored(Tensor images, Func<Tensor, Tensor> score) => PartedPass.Of(images, ImagesAtOnce(images), part =>
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = network.Segment(part, network.Reconstruct(part)).to(ScalarType.Float64);
        return score(logits.narrow(1, 1, 1) - logits.narrow(1, 0, 1)).MoveToOuterDisposeScope();
    });

    private long ImagesAtOnce(Tensor images) => PartedPass.SizeFor(Math.Max(Options.ReconstructionWidth, Options.SegmentationWidth), images.size(2), images.size(3));
}
