namespace CobraAD.Transforms.Hard;

/// <summary>The paper's hard transforms T (appendix D.1 and the two that Algorithm 1 only names).</summary>
internal static class HardTransforms
{
    /// <summary>All of them with their default parameters. The order is fixed: it numbers the classes of the transformation classifier.</summary>
    public static IReadOnlyList<IImageTransform> All { get; } =
    [
        new Jigsaw(), new RandomErasing(), new CutPaste(), new Rotation(), new ExtremeBlur(), new IntenseRandomCrop(),
        new Noise(), new ExtremeCrop(), new Mixup(), new Cutout(), new CutMix(), new Elastic(),
    ];

    /// <summary>The transforms of the given names, in the order of <see cref="All"/>.</summary>
    /// <param name="names">Names as in <see cref="IImageTransform.Name"/>; repetitions count once.</param>
    /// <exception cref="ArgumentException">A name is unknown.</exception>
    public static IReadOnlyList<IImageTransform> Named(IEnumerable<string> names)
    {
        HashSet<string> wanted = [.. names];
        IReadOnlyList<IImageTransform> found = [.. All.Where(transform => wanted.Remove(transform.Name))];
        if (wanted.Count > 0)
            throw new ArgumentException($"Unknown hard transform {string.Join(", ", wanted.Order(StringComparer.Ordinal))}; there are {string.Join(", ", All.Select(t => t.Name))}.", nameof(names));
        return found;
    }
}
