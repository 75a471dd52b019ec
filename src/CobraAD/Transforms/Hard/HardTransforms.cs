namespace CobraAD.Transforms.Hard;

/// <summary>The paper's hard transforms T (appendix D.1 and the two that Algorithm 1 only names), with their default parameters.</summary>
public static class HardTransforms
{
    /// <summary>All of them. The order is fixed: it numbers the classes of the transformation classifier.</summary>
    public static IReadOnlyList<IImageTransform> All { get; } =
    [
        new Jigsaw(), new RandomErasing(), new CutPaste(), new Rotation(), new ExtremeBlur(), new IntenseRandomCrop(),
        new Noise(), new ExtremeCrop(), new Mixup(), new Cutout(), new CutMix(), new Elastic(),
    ];
}
