namespace CobraAD.Transforms.Hard;

/// <summary>The hard transforms T that pseudo-anomalies are made with.</summary>
internal static class HardTransforms
{
    /// <summary>The paper's (appendix D.1 and the two that Algorithm 1 only names), with their default parameters.</summary>
    public static IReadOnlyList<IImageTransform> Paper { get; } =
    [
        new Jigsaw(), new RandomErasing(), new CutPaste(), new Rotation(), new ExtremeBlur(), new IntenseRandomCrop(),
        new Noise(), new ExtremeCrop(), new Mixup(), new Cutout(), new CutMix(), new Elastic(),
    ];

    /// <summary>All that can be asked for: the paper's and ours. The order is fixed: it numbers the classes of the transformation classifier.</summary>
    public static IReadOnlyList<IImageTransform> All { get; } = [.. Paper, new LocalDefect()];

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
