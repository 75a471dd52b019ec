namespace CobraAD.Imaging;

/// <summary>Which names say that a file is an image: the one answer for folders that are read, folders that are watched and data sets.</summary>
internal static class ImageNames
{
    private static readonly HashSet<string> Endings =
        new(StringComparer.OrdinalIgnoreCase) { ".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff" };

    /// <summary>
    /// Whether a file's name is one of an image: .png, .jpg, .jpeg, .bmp, .webp, .tif or .tiff. Hidden files are none: their names start with a dot,
    /// such as the <c>._part.jpg</c> that macOS puts beside each file on foreign drives.
    /// </summary>
    /// <param name="path">The file; it is not opened.</param>
    public static bool Match(string path)
    {
        string name = Path.GetFileName(path);
        return !name.StartsWith('.') && Endings.Contains(Path.GetExtension(name));
    }
}
