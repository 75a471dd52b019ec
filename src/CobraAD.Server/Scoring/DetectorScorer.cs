using CobraAD.Runtime;
using CobraAD.Runtime.Explaining;

namespace CobraAD.Server.Scoring;

/// <summary>An exported model on ONNX Runtime.</summary>
internal sealed class DetectorScorer(RobustDetector detector) : IScorer
{
    public ModelInfo Model => detector.Model;

    public double Threshold => detector.Threshold;

    public LatencySnapshot Latency => detector.Latency;

    public ScoreResult Score(ReadOnlySpan<byte> image) => detector.Score(image);

    public HeatMap Explain(ReadOnlySpan<byte> image) => detector.Explain(image);

    public void Dispose() => detector.Dispose();
}
