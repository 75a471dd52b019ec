using static TorchSharp.torch;

namespace CobraAD.Detection;

/// <summary>A differentiable stand-in for a detector's score that an attack may climb instead.</summary>
/// <param name="Name">What it is, e.g. "log-sum-exp, temperature 0.05".</param>
/// <param name="Score">Images [B, 3, H, W] to values [B]; larger is more anomalous.</param>
public sealed record ScoreSurrogate(string Name, Func<Tensor, Tensor> Score)
{
    /// <summary>
    /// The detector's own score and the stand-in from one pass through what both are computed from, which makes an attack cheaper: it climbs the
    /// second and counts the first.
    /// </summary>
    /// <value><see langword="null"/> (the default) where there is no such way: each costs a pass.</value>
    public Func<Tensor, (Tensor Exact, Tensor StandIn)>? Together { get; init; }

    /// <summary>A stand-in that is computed from the same features as the score.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="encode">Images to features.</param>
    /// <param name="exact">Features to the detector's score.</param>
    /// <param name="standIn">Features to the stand-in.</param>
    internal static ScoreSurrogate OfFeatures<T>(string name, Func<Tensor, T> encode, Func<T, Tensor> exact, Func<T, Tensor> standIn)
    {
        return new(name, images => standIn(encode(images))) { Together = Together };

        (Tensor Exact, Tensor StandIn) Together(Tensor images)
        {
            T features = encode(images);
            return (Exactly(features), standIn(features));
        }

        Tensor Exactly(T features)
        {
            // Nobody climbs the score itself here.
            using IDisposable frozen = no_grad();
            return exact(features);
        }
    }
}
