using CobraAD.Detection;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks;

/// <summary>A detector whose score is a formula, so that an attack's optimum is known; it remembers what it was asked to score.</summary>
internal sealed class AnalyticDetector(Func<Tensor, Tensor> score) : IAnomalyDetector
{
    private readonly List<Tensor> seen = [];

    public string Name => "analytic";

    public Device Device => CPU;

    public bool Remember { get; init; }

    public double? Threshold { get; init; }

    public IReadOnlyList<ScoreSurrogate> Surrogates { get; init; } = [];

    public Func<Tensor, Tensor>? OutputFormula { get; init; }

    /// <summary>Images that went through <see cref="Score"/>, gradient or not, in order.</summary>
    public long ImagesScored { get; private set; }

    public IReadOnlyList<Tensor> Seen => seen;

    public Tensor Score(Tensor images)
    {
        ImagesScored += images.size(0);
        if (Remember) seen.Add(images.detach().clone().DetachFromDisposeScope());
        return score(images);
    }

    public Tensor? Outputs(Tensor images) => OutputFormula?.Invoke(images);

    public void Dispose() => seen.ForEach(tensor => tensor.Dispose());
}
