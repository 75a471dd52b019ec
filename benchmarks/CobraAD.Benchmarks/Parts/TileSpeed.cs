using System.Diagnostics;
using System.Globalization;
using CobraAD.Detection;
using CobraAD.Export;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Methods.Tiles;
using CobraAD.Networks;
using CobraAD.PseudoAnomalies;
using CobraAD.Runtime;
using CobraAD.Runtime.Images;
using CobraAD.Serialization.Archive;
using static TorchSharp.torch;

namespace CobraAD.Benchmarks.Parts;

/// <summary>
/// How long CobraAD.Runtime takes for a large image in tiles, with the network of the preset "fast", random weights and a bank of 2,000 random
/// entries: what is measured does not depend on training.
/// </summary>
internal static class TileSpeed
{
    public static void Run(int side, int tile, double overlap, int rounds, TextWriter output)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        try
        {
            using (TiledDetector detector = Create(side, new TileOptions { Size = tile, Overlap = overlap }))
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{side} × {side} px in {detector.Places.Count} tiles of {tile} px"));
                OnnxExport.Write(detector, path);
            }

            using RobustDetector runtime = RobustDetector.Load(path);
            byte[] pixels = new byte[3 * side * side];
            new Random(1).NextBytes(pixels);
            double[] seconds = new double[rounds];
            for (int i = 0; i < rounds; i++)
            {
                long started = Stopwatch.GetTimestamp();
                runtime.Score(pixels, new PixelLayout(PixelFormat.Rgb, side, side));
                seconds[i] = Stopwatch.GetElapsedTime(started).TotalSeconds;
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seconds an image: median {seconds.Order().ElementAt(rounds / 2):0.000}, least {seconds.Min():0.000}"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static TiledDetector Create(int side, TileOptions tiles)
    {
        using Generator rng = new(1, CPU);
        CobraOptions options = (CobraOptions)DetectionMethods.Get(CobraDetector.Kind).Preset("fast", tiles.Size) with { Score = CobraScore.Similarity };
        CobraNetwork network = new(options.Network, rng);
        EmbeddingBank bank = new(randn([2000, options.Network.EmbeddingSize], generator: rng));
        ScoreCalibration calibration = new(-0.5, 0.1, 0.05, 0.1, 20, HeldOut: true);
        CobraModelCard card = new(options, new ModelData("random", "folder", 2000, tiles.Size, tiles.Size, ""), calibration, new CobraHealth(new PseudoAnomalyRecord(options.PseudoAnomalies, null, PseudoAnomalyStatistics.None), [], 0));
        IReadOnlyList<(int Top, int Left)> places = TileGrid.Of(side, side, tiles);
        UsualScores usual = new([.. places.Select(_ => -0.9)], [.. places.Select(_ => 0.05)], 1);
        TileHealth health = new(places.Count, 0, 2000, 20, 1, 0.5, new Dictionary<string, double>());
        TiledModelCard whole = new(card, tiles, new ModelData("random", "folder", 20, side, side, ""), calibration, health);
        return new TiledDetector(whole, new CobraDetector(network, bank, card), places, new TileScale(usual, 0.5, CPU));
    }
}
