using CobraAD.Datasets;

namespace CobraAD.PseudoAnomalies.Sources;

/// <summary>Images from a folder of the user's that go into training beside the normal ones.</summary>
internal static class FolderImages
{
    /// <summary>
    /// The folder's images framed like the normal ones and of their size, named by their content so that a resumed training notices other images. The caller
    /// disposes them.
    /// </summary>
    /// <param name="folder">With images at any depth.</param>
    /// <param name="kind">What they are, in the plural, for errors.</param>
    /// <param name="normals">The normal images.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="DatasetException">The folder is missing or empty, or holds an unreadable image.</exception>
    public static ImageSet Read(string folder, string kind, ImageSet normals, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) throw new DatasetException($"The folder of {kind} '{folder}' does not exist.");
        if (normals.Height != normals.Width) throw new DatasetException($"{char.ToUpperInvariant(kind[0])}{kind[1..]} from a folder are read square; the normal images are {normals.Width} × {normals.Height}.");
        using ReadImages read = DatasetLoader.ReadImages([folder], normals.Width, normals.Framing, cancellation: cancellation);
        if (read.Unreadable.Count > 0) throw new DatasetException($"'{read.Unreadable[0].Source}' cannot be read: {read.Unreadable[0].Reason} Remove or replace it.");
        if (read.Images.Count == 0) throw new DatasetException($"The folder of {kind} '{folder}' holds no images.");
        return read.Images.Subset([.. Enumerable.Range(0, read.Images.Count)], $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}, sha256 {read.Images.Fingerprint[..12]}");
    }
}
