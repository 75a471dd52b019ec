using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Detection;

/// <summary>
/// A trained detector as an attacker and an evaluator see it: one differentiable score for each image. COBRA is one detector among
/// others; anything that implements <see cref="Score"/> can be evaluated and attacked.
/// </summary>
/// <remarks>
/// The score must be deterministic and independent of the other images of the batch, and nothing in it may be detached: the same
/// function serves clean scoring, attacks and evaluation. Parameters need no gradient and the networks are in evaluation mode.
/// </remarks>
public interface IAnomalyDetector : IDisposable
{
    /// <summary>What the detector is called in reports.</summary>
    string Name { get; }

    /// <summary>Where its parameters live and where images must be.</summary>
    Device Device { get; }

    /// <summary>The anomaly score of each image; larger is more anomalous. The caller disposes the result.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>, un-normalised.</param>
    /// <returns>[B], connected to <paramref name="images"/> in the autograd graph.</returns>
    Tensor Score(Tensor images);

    /// <summary>A vector that the score is built from (similarities to prototypes, an embedding), for attacks that want directions.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <returns>[B, m], differentiable, or <see langword="null"/> when the detector has none.</returns>
    Tensor? Outputs(Tensor images) => null;

    /// <summary>
    /// The items of what the detector compares with (bank entries, prototypes) that each image lies nearest to, nearest first and no two alike:
    /// what an attack aims at one by one, because a score that is the best of many items only shows the slope of the nearest.
    /// </summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <param name="count">How many; fewer where the detector has fewer.</param>
    /// <returns>
    /// Names that <see cref="Outputs(Tensor, Tensor)"/> understands, int64 [B, at most count]; <see langword="null"/> when the detector has no
    /// outputs. By default the places of the largest of <see cref="Outputs(Tensor)"/>. The caller disposes it.
    /// </returns>
    Tensor? NearestItems(Tensor images, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        return Outputs(images) is { } outputs ? outputs.topk((int)Math.Min(count, outputs.size(1)), 1).indexes.MoveToOuterDisposeScope() : null;
    }

    /// <summary>What relates each image to items of its own: similarities or distances. The caller disposes the result.</summary>
    /// <param name="images">[B, 3, H, W] in [0, 1] on <see cref="Device"/>.</param>
    /// <param name="items">Of <see cref="NearestItems"/>, [B, m].</param>
    /// <returns>[B, m], differentiable.</returns>
    Tensor Outputs(Tensor images, Tensor items) => Outputs(images)!.gather(1, items);

    /// <summary>
    /// How the score goes with the output of any item: +1 where it never falls when that rises (distances), -1 where it never rises (similarities).
    /// An attack that aims at an item then knows which way helps, also where an image lies between two and their slopes oppose each other.
    /// </summary>
    /// <value>Default 0: not all alike, or not known. Slopes at the untouched image decide then, item by item.</value>
    int ItemEffect => 0;

    /// <summary>Smooth variants of the score that may give an attacker better gradients; candidates are always scored with <see cref="Score"/>.</summary>
    IReadOnlyList<ScoreSurrogate> Surrogates => [];

    /// <summary>Whether <see cref="Score"/> has gradients; without them only black-box attacks work.</summary>
    bool IsDifferentiable => true;

    /// <summary>The calibrated operating point: a score above it is called anomalous. <see langword="null"/> when never calibrated.</summary>
    double? Threshold => null;
}
