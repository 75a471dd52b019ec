using System.Text;
using CobraAD.Evaluation.Parts;
using CobraAD.Reporting.Rendering;
using CobraAD.Serialization;

namespace CobraAD.Reporting;

/// <summary>Writes what a check of images found.</summary>
public static class DataCheckReport
{
    /// <summary>Writes <c>check.html</c>, with pictures, and <c>check.json</c>; each appears complete or not at all.</summary>
    /// <param name="result">What was found; not yet disposed.</param>
    /// <param name="folder">Where to; made when missing. Reports in it are replaced.</param>
    /// <returns>The full path of the page.</returns>
    public static string Write(this DataCheckResult result, string folder)
    {
        ArgumentNullException.ThrowIfNull(result);
        string path = Path.GetFullPath(Path.Combine(folder, "check.html"));
        byte[] page = Encoding.UTF8.GetBytes(DataCheckPage.Render(result)), json = Encoding.UTF8.GetBytes(result.ToJson() + "\n");
        AtomicFile.Write(Path.Combine(folder, "check.json"), stream => stream.Write(json));
        AtomicFile.Write(path, stream => stream.Write(page));
        return path;
    }
}
