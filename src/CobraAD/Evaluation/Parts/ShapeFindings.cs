using CobraAD.Detection;

namespace CobraAD.Evaluation.Parts;

/// <summary>What follows from the images' form and number.</summary>
internal static class ShapeFindings
{
    /// <summary>Images of another size, and of another kind of colour, than most.</summary>
    public static IEnumerable<DataFinding?> Of(IReadOnlyList<CheckedImage> images)
    {
        (int width, int height) = Usual(images, image => (image.Width, image.Height));
        CheckedImage[] sizes = [.. images.Where(image => (image.Width, image.Height) != (width, height))];
        bool isStretched = sizes.Any(image => (long)image.Width * height != (long)image.Height * width);
        yield return sizes.Length == 0 ? null : FindingText.Of(
            DataFindingKind.Size,
            $"{sizes.Length} of the {images.Count} images {(sizes.Length == 1 ? "has" : "have")} another size than most, which have {width} × {height} pixels.",
            $"They come from another camera, or were cut or scaled.{(isStretched ? " Some have another aspect, and stretched to one size the same part looks another." : "")} Take all pictures in one way.",
            sizes,
            image => $"{image.Width} × {image.Height} pixels");

        bool isGrey = Usual(images, image => image.IsGrey);
        CheckedImage[] colours = [.. images.Where(image => image.IsGrey != isGrey)];
        yield return colours.Length == 0 ? null : FindingText.Of(
            DataFindingKind.Colour,
            $"{colours.Length} of the {images.Count} images {(colours.Length == 1 ? "is" : "are")} {(isGrey ? "coloured, most are grey" : "grey, most are coloured")}.",
            "A detector sees the difference before any defect. Take all pictures in one way, or turn all grey.",
            colours,
            image => image.IsGrey ? "grey" : "coloured");
    }

    /// <summary>Fewer images than a threshold needs that promises something.</summary>
    public static DataFinding? Few(int training)
    {
        CalibrationOptions calibration = new();
        return calibration.HeldOut(training) > 0 ? null : new DataFinding(
            DataFindingKind.Few,
            $"{training} good images are too few to keep any out of the training for the threshold.",
            $"The threshold will come from the training images and promise nothing. With {3 * calibration.Minimum} or more, {calibration.Minimum} are kept out.", [], []);
    }

    private static T Usual<T>(IReadOnlyList<CheckedImage> images, Func<CheckedImage, T> of)
        where T : notnull =>
        images.GroupBy(of).MaxBy(group => group.Count())!.Key;
}
