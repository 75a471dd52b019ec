using CobraAD.Runtime;

namespace CobraAD.Server.Scoring;

/// <summary>Loads exported models for ONNX Runtime.</summary>
internal sealed class DetectorLoader(ServerOptions options) : IScorerLoader
{
    public IScorer Load(string path, bool isSent = false, double? threshold = null)
    {
        if (isSent) SentModel.Check(path);
        RobustDetectorOptions how = new()
        {
            Threshold = threshold,
            // Many images at a time use the cores better than many threads for one.
            Threads = options.Parallelism > 1 ? 1 : 0,
            MaxPixels = options.MaxPixels,
            MaxEncodedBytes = options.MaxImageBytes,
            IsSent = isSent,
        };
        return new DetectorScorer(RobustDetector.Load(path, how));
    }
}
