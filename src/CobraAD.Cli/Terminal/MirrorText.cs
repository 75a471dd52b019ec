using System.Globalization;
using CobraAD.Methods.Cobra;

namespace CobraAD.Cli.Terminal;

/// <summary>What is said of views that were to be mirrored only where good images allow it.</summary>
internal static class MirrorText
{
    /// <summary>What was decided, and why; nothing where the images were not asked.</summary>
    public static IEnumerable<string> Of(CobraHealth health)
    {
        if (health.MirroredFarther is not { } farther) yield break;
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"mirroring       {(health.MayMirror ? "yes" : "none")}: of 100 good images {100 * farther:0} are farther from the others when mirrored (50 where it makes no difference)");
    }
}
