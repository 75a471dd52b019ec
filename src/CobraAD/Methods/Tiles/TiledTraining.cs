using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Tiles;

/// <summary>
/// Trains a method on tiles and finds out from good images that it has not seen what tile scores are usual, how to take their maximum, and
/// where the threshold lies.
/// </summary>
internal static class TiledTraining
{
    /// <summary>By how much more than was seen rounding may move a score.</summary>
    private const double Safety = 8;

    /// <summary>Trains.</summary>
    /// <param name="method">The method of a single tile.</param>
    /// <param name="options">Its options with <see cref="DetectorOptions.Tiles"/>.</param>
    /// <param name="images">Good images.</param>
    /// <param name="session">Device, progress, checkpoints and cancellation.</param>
    /// <returns>The detector; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">Tiles do not fit the images, or there are too few images or tiles.</exception>
    public static TiledDetector Train(IDetectionMethod method, DetectorOptions options, ImageSet images, TrainingSession session)
    {
        options.Validate();
        TileOptions tiles = options.Tiles!;
        tiles.RequireFit(images.Height, images.Width);
        if (images.Count < DatasetOptions.FewestTrainingImages)
            throw new ArgumentException($"Training needs at least {DatasetOptions.FewestTrainingImages} good images, '{images.Name}' has {images.Count}.", nameof(images));

        using CalibrationSplit split = Split(images, options);
        TileChoice choice = TileChoice.Of(split.Training, tiles, options.Seed, session.Cancellation);
        using ImageSet cut = split.Training.Tiles(tiles.Size, choice.Training);
        ITrainedDetector tile = method.Train(options with { Tiles = null }, cut, session);
        return Handover.OrDispose(tile, () => Fit(tile, tiles, choice, images, split.HeldOut!, options.Calibration.FalseAlarmRate, session));
    }

    /// <summary>Tiles are many where images are few: some images are kept out always, a quarter where there are too few for the usual number.</summary>
    private static CalibrationSplit Split(ImageSet images, DetectorOptions options)
    {
        CalibrationOptions usual = options.Calibration;
        CalibrationOptions few = usual with { Minimum = Math.Max(2, images.Count / 4), Fraction = 0.25 };
        return new CalibrationSplit(images, usual.HeldOut(images.Count) > 1 ? usual : few, new RandomStreams(options.Seed).Derive("tiles"));
    }

    private static TiledDetector Fit(
        ITrainedDetector tile, TileOptions tiles, TileChoice choice, ImageSet images, ImageSet heldOut, double falseAlarmRate, TrainingSession session)
    {
        session.ReportCalibration(done: 0);
        TilePass pass = new(tiles.Size, choice.Places);
        List<double[]> scores = [];
        for (int i = 0; i < heldOut.Count; i++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using StepScope scope = new();
            scores.Add(FiniteScore.ToDoubles(pass.Scores(part => FiniteScore.Of(tile, part), heldOut.Batch(i, 1, tile.Device)).flatten()));
        }

        UsualScores usual = UsualScores.Of(scores, tiles.PositionAware);
        // Each image is compared with what is usual among the others: compared with itself too it would look more usual than a new one.
        double[][] standardized = [.. scores.Select((own, i) => UsualScores.Of([.. scores.Where((_, j) => j != i)], tiles.PositionAware).Standardize(own))];
        (double temperature, IReadOnlyDictionary<string, double> raises) = TemperatureChoice.Of(standardized, falseAlarmRate);
        TileHealth health = new(choice.Places.Count, choice.LeftOut, choice.Training.Count, heldOut.Count, usual.PlaceWeight, temperature, raises);
        TiledModelCard card = new(tile.Card, tiles, images.Describe(), ScoreCalibration.Unset(falseAlarmRate, heldOut: true), health);
        TiledDetector detector = new(card, tile, choice.Places, new TileScale(usual, temperature, tile.Device));
        double[] final = [.. standardized.Select(row => TemperatureChoice.SmoothMaximum(row, temperature))];
        detector.Calibrate(ScoreCalibration.From(final, falseAlarmRate, heldOut: true, Safety * Rounding(detector, heldOut)));
        session.ReportCalibration(done: 1);
        return detector;
    }

    /// <summary>How much a score differs when its image is scored beside another one.</summary>
    private static double Rounding(TiledDetector detector, ImageSet images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        double[] together = FiniteScore.ToDoubles(detector.Score(images.Batch(0, 2, detector.Device)));
        double alone = FiniteScore.ToDoubles(detector.Score(images.Batch(1, 1, detector.Device)))[0];
        return Math.Max(Math.Abs(together[1] - alone), Math.BitIncrement(Math.Abs(alone)) - Math.Abs(alone));
    }
}
