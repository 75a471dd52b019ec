using CobraAD.Datasets;
using CobraAD.Detection;

namespace CobraAD.Methods.Maintenance;

/// <summary>By what a model knows the images again that it was trained on, and updated with.</summary>
internal static class TrainedImages
{
    /// <summary>The marks that its file holds; none in files of older versions.</summary>
    public static IEnumerable<ImageMarks> Of(IModelCard card)
    {
        if (ImageMarks.Read(card.Data.Marks, card.Data.Images) is { } trained) yield return trained;
        foreach (ModelUpdate update in card.History)
        {
            if (ImageMarks.Read(update.Marks, update.Added + update.ForThreshold) is { } used) yield return used;
        }
    }
}
