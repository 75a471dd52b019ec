namespace CobraAD.PseudoAnomalies;

/// <summary>The sources of pseudo-anomalies that training can be told to use (the columns of the paper's Table 5), by name.</summary>
public static class PseudoAnomalySources
{
    /// <summary>COBRA's own Υ: hard transforms, filtered by likelihood.</summary>
    public const string Ours = "ours";

    /// <summary>No pseudo-anomalies: the contrastive loss of normal images alone.</summary>
    public const string None = "none";

    /// <summary>Unlikely points in the space of the encoder's features (<see cref="Sources.VirtualOutliers"/>).</summary>
    public const string VirtualOutliers = "vos";

    /// <summary>Images of a small GAN of the normal images (<see cref="Generative.Gan.GanOptions"/>).</summary>
    public const string GoeSmall = "goe-small";

    /// <summary>Images of a small diffusion model of the normal images (<see cref="Generative.Diffusion.DiffusionOptions"/>).</summary>
    public const string FitymiSmall = "fitymi-small";

    /// <summary>What a name starts with that gives a folder of images.</summary>
    public const string FolderPrefix = "folder:";

    /// <summary>Every name without a path.</summary>
    public static IReadOnlyList<string> All { get; } = [Ours, "rotation", "cutpaste", "cutpaste-scar", "cutpaste-3way", VirtualOutliers, GoeSmall, FitymiSmall, None];

    /// <summary>Whether <see cref="PseudoAnomalySupply.Build"/> understands a name.</summary>
    /// <param name="name">The name.</param>
    public static bool IsKnown(string name) => All.Contains(name) || FolderOf(name) is { Length: > 0 };

    /// <summary>The folder in "folder:PATH"; <see langword="null"/> for every other name.</summary>
    /// <param name="name">The name.</param>
    public static string? FolderOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith(FolderPrefix, StringComparison.Ordinal) ? name[FolderPrefix.Length..] : null;
    }
}
