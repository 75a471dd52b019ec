using System.Globalization;

namespace CobraAD.Methods.PatchCore;

/// <summary>How many patches a training takes from its images, and the memory that follows.</summary>
/// <param name="PerImage">Patches drawn from each image.</param>
/// <param name="Positions">Patches that an image has.</param>
/// <param name="Total">Patches of all images before the coreset.</param>
/// <param name="Kept">Patches in the coreset.</param>
/// <param name="Bytes">Most memory of patches, projections and coreset together; the network's own maps of a batch come on top.</param>
internal sealed record PatchPlan(int PerImage, int Positions, int Total, int Kept, long Bytes)
{
    public static PatchPlan For(PatchCoreOptions options, int images, int positions)
    {
        long patch = sizeof(float) * (long)(options.PatchSize + Math.Min(options.ProjectionSize, options.PatchSize) + 4);
        int perImage = (int)Math.Clamp(options.MemoryLimit / (patch * images), 1, positions);
        int total = checked(perImage * images);
        int kept = Math.Max(Math.Min(total, options.Neighbours + 8), (int)Math.Round(options.CoresetShare * total));
        return new PatchPlan(perImage, positions, total, kept, patch * total + sizeof(float) * (long)options.PatchSize * kept);
    }

    /// <summary>The plan in a sentence.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{PerImage} of {Positions} patches of each image, {Total} together, of which {Kept} are kept: at most {Math.Max(1, Bytes / (1 << 20))} MiB");
}
