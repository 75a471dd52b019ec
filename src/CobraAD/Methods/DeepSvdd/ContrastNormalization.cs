using CobraAD.Methods.Common;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.DeepSvdd;

/// <summary>
/// DeepSVDD's input: each image's global contrast g(x) = (x - mean x) / mean |x - mean x|, then (g - least)/(most - least) with the
/// extremes of the training images. A part of the score, so an attack is differentiated through it.
/// </summary>
/// <param name="Least">Smallest value of g over the training images.</param>
/// <param name="Most">Largest value of g over the training images.</param>
internal sealed record ContrastNormalization(double Least, double Most)
{
    /// <summary>Keeps an image of a single colour finite.</summary>
    private const double ContrastFloor = 1e-8;

    /// <summary>The constants of some images.</summary>
    public static ContrastNormalization Of(TrainingLoop run)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor extremes = run.ForAll(images =>
        {
            Tensor contrast = Contrast(images).flatten(1);
            return stack([contrast.amin([1]), contrast.amax([1])], 1);
        });
        double least = extremes.amin([0])[0].item<float>();
        double most = extremes.amax([0])[1].item<float>();
        // Images of a single colour have no contrast at all.
        return new ContrastNormalization(least, Math.Max(most, least + 1e-6));
    }

    /// <summary>Normalised images; the caller disposes them.</summary>
    public Tensor Apply(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return ((Contrast(images) - Least) / (Most - Least)).MoveToOuterDisposeScope();
    }

    private static Tensor Contrast(Tensor images)
    {
        Tensor centred = images - images.mean([1, 2, 3], keepdim: true);
        return centred / (centred.abs().mean([1, 2, 3], keepdim: true) + ContrastFloor);
    }
}
