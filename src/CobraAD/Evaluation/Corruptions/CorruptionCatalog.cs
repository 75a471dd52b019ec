using CobraAD.Evaluation.Corruptions.Kinds;

namespace CobraAD.Evaluation.Corruptions;

/// <summary>The corruptions, in the order of reports. To add one, write a file in Kinds and a line here.</summary>
internal static class CorruptionCatalog
{
    /// <summary>The fifteen corruptions.</summary>
    public static IReadOnlyList<Corruption> All { get; } =
    [
        new GaussianNoise(),
        new ShotNoise(),
        new ImpulseNoise(),
        new SpeckleNoise(),
        new DefocusBlur(),
        new GaussianLensBlur(),
        new MotionBlur(),
        new ZoomBlur(),
        new Brightness(),
        new Contrast(),
        new Saturation(),
        new Haze(),
        new JpegCompression(),
        new Pixelation(),
        new ElasticWarp(),
    ];
}
