using CobraAD.Datasets.Formats;
using CobraAD.Torch;

namespace CobraAD.Datasets.Protocols;

/// <summary>Which images of a catalog a classifier is trained on and which are held out, before anything is decoded.</summary>
internal sealed record LabelledPlan(IReadOnlyList<CatalogItem> Train, IReadOnlyList<CatalogItem> HeldOut, IReadOnlyList<string> Classes, IReadOnlyList<string> ExcludedClasses)
{
    public static LabelledPlan Make(Catalog catalog, LabelledDatasetOptions options)
    {
        string[] excluded = [.. options.ExcludedClasses.Select(catalog.FindClass).Distinct()];
        CatalogItem[] items = [.. catalog.Items.Where(item => !excluded.Contains(item.Kind))];
        RandomStreams streams = new(options.Seed);
        IReadOnlyList<CatalogItem> train = [.. items.Where(item => item.Part != CatalogPart.Test)];
        IReadOnlyList<CatalogItem> heldOut = [.. items.Where(item => item.Part == CatalogPart.Test)];
        if (heldOut.Count == 0)
        {
            HashSet<CatalogItem> taken = new(
                train.GroupBy(item => item.Kind).SelectMany(kind => SeededChoice.Draw([.. kind], (int)(options.HeldOutShare * kind.Count()), streams, $"labelled split/{kind.Key}")),
                ReferenceEqualityComparer.Instance);
            heldOut = [.. train.Where(taken.Contains)];
            train = [.. train.Where(item => !taken.Contains(item))];
        }

        HashSet<string> trained = [.. train.Select(item => item.Kind)];
        string[] classes = [.. catalog.Classes.Where(trained.Contains)];
        if (classes.Length < 2)
        {
            string left = excluded.Length > 0 ? $" once {string.Join(", ", excluded)} are left out" : "";
            throw new DatasetException($"'{catalog.Name}' has {classes.Length} classes with training images{left}; at least 2 are needed. A labelled set has a folder for each class, or is in IDX, CIFAR or SVHN files.");
        }

        if (options.MaxTrain is { } mostTrain) train = SeededChoice.DrawEvenly(train, mostTrain, streams, "labelled train sample");
        // Of a class that is not trained on, nothing can be said.
        heldOut = SeededChoice.DrawEvenly([.. heldOut.Where(item => trained.Contains(item.Kind))], options.MaxHeldOut, streams, "labelled held-out sample");
        RequireEnough(train.Count, catalog.Name);
        return new LabelledPlan(train, heldOut, classes, excluded);
    }

    public static void RequireEnough(int images, string name)
    {
        if (images < DatasetOptions.FewestTrainingImages)
            throw new DatasetException($"'{name}' has {images} labelled images to train on; at least {DatasetOptions.FewestTrainingImages} are needed.");
    }
}
