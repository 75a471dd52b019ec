using CobraAD.Datasets;

namespace CobraAD.Evaluation.Parts;

/// <summary>What follows from pictures that occur more than once.</summary>
internal static class CopyFindings
{
    /// <summary>A picture that is good in one place and anomalous in another.</summary>
    public static DataFinding? Contradiction(IReadOnlyList<CheckedImage> images, IReadOnlyList<int> groups)
    {
        Dictionary<int, CheckedImage> good = FirstOf(images, groups, image => image.IsGood);
        CheckedImage[] found = [.. images.Where(image => !image.IsGood && good.ContainsKey(groups[image.Index]))];
        return found.Length == 0 ? null : FindingText.Of(
            DataFindingKind.Contradiction,
            $"{FindingText.Count(found.Length, "picture is", "pictures are")} called good and anomalous.",
            "Either a defect is trained on as good, or a good part is counted as a defect. Decide which, and remove the other.",
            found,
            image => $"{image.Kind}, and almost the same as the good {good[groups[image.Index]].Source}") with
        { Partners = [.. found.Select(image => good[groups[image.Index]].Index)] };
    }

    /// <summary>A test image that is trained on: what is measured on it is memory.</summary>
    public static DataFinding? Leak(IReadOnlyList<CheckedImage> images, IReadOnlyList<int> groups)
    {
        Dictionary<int, CheckedImage> trained = FirstOf(images, groups, image => image.IsTraining);
        CheckedImage[] found = [.. images.Where(image => image is { IsTraining: false, IsGood: true } && trained.ContainsKey(groups[image.Index]))];
        return found.Length == 0 ? null : FindingText.Of(
            DataFindingKind.Leak,
            $"{found.Length} of the {images.Count(image => image is { IsTraining: false, IsGood: true })} good test images {(found.Length == 1 ? "is" : "are")} among the training images, or almost.",
            "A detector knows them by heart, so the numbers of a test come out too good. Remove them from one of the two.",
            found,
            image => $"almost the same as {trained[groups[image.Index]].Source}") with
        { Partners = [.. found.Select(image => trained[groups[image.Index]].Index)] };
    }

    /// <summary>Copies among the training images, and among the test images.</summary>
    public static IEnumerable<DataFinding?> Copies(IReadOnlyList<CheckedImage> images, IReadOnlyList<(int Original, Recognition Recognition)> originals)
    {
        yield return Of(Recognition.Same, DataFindingKind.Copy, "has the same pixels as another", "have the same pixels as others", "Copies count twice and say nothing new: a threshold promises less than their number says. Keep one of each.");
        yield return Of(
            Recognition.Alike, DataFindingKind.NearCopy, "is almost the same as another", "are almost the same as others",
            "Pictures of one part in one position, or one picture compressed anew. They say less than their number: a threshold is set as if each were another part.");

        DataFinding? Of(Recognition recognition, DataFindingKind kind, string one, string many, string advice)
        {
            CheckedImage[] found = [.. images.Where(image => originals[image.Index].Recognition == recognition && images[originals[image.Index].Original].IsTraining == image.IsTraining)];
            return found.Length == 0 ? null : FindingText.Of(
                kind, $"{FindingText.Count(found.Length, $"image {one}", $"images {many}")} before {(found.Length == 1 ? "it" : "them")}.", advice, found, image => $"like {image.CopyOf}") with
            { Partners = [.. found.Select(image => originals[image.Index].Original)] };
        }
    }

    private static Dictionary<int, CheckedImage> FirstOf(IReadOnlyList<CheckedImage> images, IReadOnlyList<int> groups, Func<CheckedImage, bool> belongs) =>
        images.Where(belongs).GroupBy(image => groups[image.Index]).ToDictionary(group => group.Key, group => group.First());
}
