using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Torch;
using CobraAD.Transforms;
using CobraAD.Transforms.Hard;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Choice;

/// <summary>
/// The kinds of anomalies that scores are compared on: from the hard transforms that the network was trained against to small, local changes
/// that it may never have met. Crafted from good images that were kept from the training.
/// </summary>
internal static class CraftedKinds
{
    private static readonly (string Name, IImageTransform Transform)[] Local =
    [
        ("small patch moved", new CutPaste { MinSide = 0.1, MaxSide = 0.25 }),
        ("small patch of another image", new CutMix { Area = 0.04 }),
        ("scar", new Scar()),
        ("local defect", new LocalDefect()),
    ];

    /// <summary>How many kinds there are.</summary>
    public static int Count => 1 + Local.Length;

    /// <summary>Each kind with one anomaly for each good image; the caller disposes them.</summary>
    /// <param name="normals">Good images [B, 3, H, W].</param>
    /// <param name="areGrey">Whether all good images are grey.</param>
    /// <param name="options">Which hard transforms the training has.</param>
    /// <param name="streams">The run's random numbers.</param>
    public static IReadOnlyList<(string Kind, Tensor Images)> Of(Tensor normals, bool areGrey, PseudoAnomalyOptions options, RandomStreams streams)
    {
        using Generator rng = streams.Create("score choice, anomalies");
        using PseudoAnomalyGenerator hard = PseudoAnomalyGenerator.Unfiltered(options, areGrey);
        return [("hard transforms", hard.Craft(normals, rng)), .. Local.Select(kind => (kind.Name, kind.Transform.Apply(normals, rng)))];
    }
}
