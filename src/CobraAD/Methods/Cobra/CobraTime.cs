using System.Diagnostics;
using System.Globalization;
using CobraAD.Datasets;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Cobra.Choice;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Methods.Tiles;
using CobraAD.Networks;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>How long a training takes on this machine, found out by a few updates of it, and which training fits into a given time.</summary>
public static class CobraTime
{
    /// <summary>Fewer updates than this are no training: something must become cheaper first.</summary>
    private const int FewestUpdates = 100;

    /// <summary>From as many updates on, encoders side by side gain more than further updates (docs/lab/side-by-side.md).</summary>
    private const int EnoughUpdates = 112;

    /// <summary>Of what several trainings differ in by chance, the mean of four keeps a quarter; more would slow the line for little.</summary>
    private const int Several = 4;

    private const int Epochs = 16;

    private const int MostTimedImages = 64;

    /// <summary>bfloat16's time as a share of float32's from which on it is worth its rounding.</summary>
    private const double WorthRounding = 0.8;

    /// <summary>The bank and the threshold, as a share of the updates' time.</summary>
    private const double ShareOfTheRest = 0.05;

    /// <summary>
    /// The training of these options with as many updates as fit, in bfloat16 on a CPU whose updates are faster in it: updates are what short trainings lack,
    /// and its rounding costs no robustness (docs/lab/performance.md). Where too few would fit, the attack takes three steps, then the network half its
    /// width. Where there is time for more than enough, four encoders stand side by side, of the same width or of half of it. The time is the whole training's: this planning, the
    /// filter's classifier, the updates, the bank and the choice of the score.
    /// </summary>
    /// <param name="options">What is wanted.</param>
    /// <param name="images">Good images.</param>
    /// <param name="time">How long the training may take.</param>
    /// <param name="device">Where it runs; the CPU when <see langword="null"/>.</param>
    /// <param name="mayRound">Whether bfloat16 is considered.</param>
    /// <returns>The options with other <see cref="CobraOptions.Epochs"/> and <see cref="CobraOptions.ItemsPerEpoch"/>, perhaps another <see cref="CobraOptions.Precision"/> and <see cref="Networks.CobraNetworkOptions.Members"/>, and a cheaper attack or network if need be.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not even the cheapest training fits; the message says what would.</exception>
    public static CobraOptions Fit(CobraOptions options, ImageSet images, TimeSpan time, Device? device = null, bool mayRound = true)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(images);
        if (options.Tiles is { } tiles)
        {
            using ImageSet cut = TrainingTiles.Of(images, options);
            // On tiles encoders side by side gained nothing (docs/lab/side-by-side.md).
            CobraOptions ofTile = options with { Tiles = null, Network = options.Network with { Members = options.Network.Members ?? 1 } };
            CobraOptions planned = Fit(ofTile, cut, time, device, mayRound);
            return planned with { Tiles = tiles, Network = planned.Network with { Members = options.Network.Members } };
        }

        long started = Stopwatch.GetTimestamp();
        Device place = device ?? CPU;
        double before = SecondsOfClassifier(options, images, place), least = double.PositiveInfinity;
        foreach (CobraOptions wanted in Recipes(options))
        {
            (CobraOptions recipe, double update) = Fastest(wanted, images, place, mayRound);
            double choice = SecondsOfChoice(recipe, images, place);
            int updates = Updates(choice, update);
            if (updates >= FewestUpdates)
            {
                (CobraOptions best, int taken) = SideBySide(recipe, updates, several => Updates(SecondsOfChoice(several, images, place), SecondsOfUpdate(several, images, place)));
                return WithUpdates(best, taken);
            }

            least = Math.Min(least, before + choice + FewestUpdates * update * (1 + ShareOfTheRest));
        }

        string needed = TimeSpan.FromSeconds(Math.Ceiling(least)).ToString("c", CultureInfo.InvariantCulture);
        throw new ArgumentOutOfRangeException(nameof(time), time, $"A training of {FewestUpdates} updates on images of {images.Width} × {images.Height} pixels takes about {needed} here. Give it that, or smaller images.");

        int Updates(double choice, double update)
        {
            double others = before + choice + Stopwatch.GetElapsedTime(started).TotalSeconds;
            return (int)Math.Clamp((time.TotalSeconds - others) / (update * (1 + ShareOfTheRest)), 0, 1e6);
        }
    }

    /// <summary>The options of an unfinished training: a plan or a preset of today may be another.</summary>
    /// <param name="checkpoint">What the training keeps to be resumed from.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    public static CobraOptions Begun(string checkpoint) =>
        CobraJson.FromNode<CobraOptions>(ModelArchive.ReadManifest(checkpoint).Options, $"{checkpoint}, manifest.json, options");

    /// <summary>
    /// Several encoders where enough updates of them fit: of the same width, which gain most, or of half of it, which take about half as long again as the one.
    /// Otherwise the recipe as it is.
    /// </summary>
    /// <param name="recipe">One encoder, unless it says how many.</param>
    /// <param name="updates">As many of its updates fit.</param>
    /// <param name="updatesOf">As many updates of another recipe fit; found by trying some.</param>
    internal static (CobraOptions Recipe, int Updates) SideBySide(CobraOptions recipe, int updates, Func<CobraOptions, int> updatesOf)
    {
        if (recipe.Network.Members is not null || recipe.Init is not null) return (recipe, updates);
        CobraOptions wide = recipe with { Network = recipe.Network with { Members = Several } };
        // Four of the width take more than twice the time of one, four of half of it more than its time: fewer updates are not worth trying them.
        if (updates >= 2 * EnoughUpdates && updatesOf(wide) is >= EnoughUpdates and var ofWide) return (wide, ofWide);
        if (updates <= EnoughUpdates || wide.Network.HalfWidth() is not { } half) return (recipe, updates);
        CobraOptions thin = recipe with { Network = half };
        if (updatesOf(thin) is >= EnoughUpdates and var ofThin) return (thin, ofThin);
        return (recipe, updates);
    }

    private static IEnumerable<CobraOptions> Recipes(CobraOptions options)
    {
        yield return options;
        CobraOptions cheaper = options;
        if (options.Attack is { Steps: > 3, Replays: 0 } attack) yield return cheaper = options with { Attack = attack with { Steps = 3, FirstSteps = null } };
        // Weights to begin with fit one width.
        if (options.Init is null && cheaper.Network.HalfWidth() is { } half) yield return cheaper with { Network = half };
    }

    private static CobraOptions WithUpdates(CobraOptions recipe, int updates)
    {
        int ofEpoch = updates / Epochs, epochs = updates / ofEpoch;
        return recipe with { Epochs = epochs, ItemsPerEpoch = ofEpoch * recipe.BatchSize, LearningRate = recipe.LearningRate with { WarmUpEpochs = epochs / 8.0 } };
    }

    /// <summary>The recipe in the numbers that are faster here, and the seconds of one of its updates.</summary>
    private static (CobraOptions Recipe, double Update) Fastest(CobraOptions recipe, ImageSet images, Device device, bool mayRound)
    {
        double update = SecondsOfUpdate(recipe, images, device);
        // The trial is of a wide layer: where even that gains nothing, nothing does.
        if (!mayRound || recipe.Precision == TrainingPrecision.BFloat16 || device.type != DeviceType.CPU || BFloat16Trial.OfThisProcessor.Ratio > WorthRounding) return (recipe, update);
        CobraOptions rounded = recipe with { Precision = TrainingPrecision.BFloat16 };
        double faster = SecondsOfUpdate(rounded, images, device);
        return faster < WorthRounding * update ? (rounded, faster) : (recipe, update);
    }

    private static double SecondsOfUpdate(CobraOptions options, ImageSet images, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        PseudoAnomalySupply unfiltered = new(PseudoAnomalyGenerator.Unfiltered(options.PseudoAnomalies, images.AreGrey), options.PseudoAnomalies, PseudoAnomalyStatistics.None);
        using CobraRun run = new(options, images, unfiltered, new TrainingSession { Device = device });
        return run.TimeUpdate();
    }

    /// <summary>Seconds after the last update, in float32 whatever it trained in.</summary>
    private static double SecondsOfChoice(CobraOptions options, ImageSet images, Device device)
    {
        if (ScoreChooser.Climbs(options) == 0) return 0;
        using Generator rng = new RandomStreams(options.Seed).Create("weights");
        using CobraNetwork network = new(options.Network, rng);
        network.to(device);
        network.eval();
        using ImageSet some = images.Subset([.. Enumerable.Range(0, Math.Min(MostTimedImages, images.Count))]);
        using EmbeddingBank bank = EmbeddingBank.Of(network, some, device);
        return new ScoreChooser(options, network, bank).Seconds(images, device);
    }

    /// <summary>Seconds before the first update.</summary>
    private static double SecondsOfClassifier(CobraOptions options, ImageSet images, Device device)
    {
        if (!options.PseudoAnomalies.Filter || options.AnomalySource != PseudoAnomalySources.Ours) return 0;
        long[] some = [.. Enumerable.Range(0, Math.Min(MostTimedImages, images.Count)).Select(i => (long)i)];
        long started = Stopwatch.GetTimestamp();
        TransformationClassifier.Train(
            images, some, options.PseudoAnomalies.CreateTransforms(images.AreGrey), options.PseudoAnomalies.Classifier with { Epochs = 1 }, new RandomStreams(options.Seed), device).Dispose();
        return Stopwatch.GetElapsedTime(started).TotalSeconds * options.PseudoAnomalies.Classifier.Epochs * images.Count / some.Length;
    }
}
