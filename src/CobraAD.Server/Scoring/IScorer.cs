using CobraAD.Runtime;
using CobraAD.Runtime.Explaining;
using CobraAD.Runtime.Images;

namespace CobraAD.Server.Scoring;

/// <summary>A loaded model as the service sees it. Safe to use from several threads.</summary>
internal interface IScorer : IDisposable
{
    /// <summary>What the model says about itself.</summary>
    ModelInfo Model { get; }

    /// <summary>The raw score above which it calls a part anomalous.</summary>
    double Threshold { get; }

    /// <summary>How long images took.</summary>
    LatencySnapshot Latency { get; }

    /// <summary>Scores one image file.</summary>
    /// <param name="image">The encoded image.</param>
    /// <exception cref="ImageRejectedException">The image cannot be scored.</exception>
    ScoreResult Score(ReadOnlySpan<byte> image);

    /// <summary>Finds the pixels that raise an image's score.</summary>
    /// <param name="image">The encoded image.</param>
    /// <exception cref="ImageRejectedException">The image cannot be scored.</exception>
    HeatMap Explain(ReadOnlySpan<byte> image);
}
