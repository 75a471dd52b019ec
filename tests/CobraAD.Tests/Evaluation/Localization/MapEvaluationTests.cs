using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Localization;
using CobraAD.Evaluation.Robustness;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Evaluation.Localization;

/// <summary>A detector of bright spots, whose map is known, on images with masks.</summary>
public sealed class MapEvaluationTests
{
    private const int Side = 24;

    [Fact]
    public void A_study_says_where_the_map_points_before_and_under_attack()
    {
        using TemporaryFolder folder = new();
        using AnomalyBenchmark data = Spots(folder, maskSide: Side);
        RobustnessStudy study = new(new ThreatModel(Norm.Linf, 0.3), [new Pgd { Steps = 5 }]) { Evaluation = new RobustnessOptions { BootstrapReplicates = 100 } };

        using StudyResult result = study.Run(new Brightness(), data);

        LocalizationResult located = result.Localization!;
        Assert.Equal((1, 1, 8, 4), (located.PixelAuroc, located.PixelF1, located.Images, located.Regions));
        Assert.Equal(1, located.Aupro, 1e-9);
        // The attack makes spots darker and the ground of good images brighter; the map no longer tells all of them apart.
        LocalizationResult worst = located.UnderAttack!;
        Assert.InRange(worst.PixelAuroc, 0.1, 0.99);
        Assert.InRange(worst.PixelF1, 0.01, 0.9);
        Assert.Null(worst.UnderAttack);
        Assert.Contains("as the worst attack left them", CobraAD.Reporting.Rendering.LocalizationSection.Sentence(located), StringComparison.Ordinal);
    }

    [Fact]
    public void A_ball_without_extent_has_no_map_under_attack()
    {
        using TemporaryFolder folder = new();
        using AnomalyBenchmark data = Spots(folder, maskSide: Side);
        RobustnessStudy study = new(new ThreatModel(Norm.Linf, 0), [new Pgd { Steps = 5 }]) { Evaluation = new RobustnessOptions { BootstrapReplicates = 100 } };

        using StudyResult result = study.Run(new Brightness(), data);

        Assert.Equal(1, result.Localization!.PixelAuroc);
        Assert.Null(result.Localization.UnderAttack);
    }

    [Fact]
    public void A_mask_of_another_size_is_refused_with_both_names()
    {
        using TemporaryFolder folder = new();
        using AnomalyBenchmark data = Spots(folder, maskSide: Side + 1);

        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => MapEvaluation.Measure(new Brightness(), data, [0, 7], attacked: null, CancellationToken.None));

        Assert.Contains("25 × 25 pixels, its image", refused.Message, StringComparison.Ordinal);
        Assert.Contains("24 × 24", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_that_numbers_its_defects_counts_all_of_them()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("mask.png");
        Write(path, 8, (x, y) => (x, y) switch { ( < 3, < 3) => 1, ( > 5, > 5) => 3, _ => 0 });

        Assert.Equal([9, 4], DefectMask.Read(path, 8, 8, framing: null).Sizes);
    }

    [Fact]
    public void An_image_without_a_mask_is_left_out_and_counted()
    {
        using TemporaryFolder folder = new();
        using AnomalyBenchmark data = Spots(folder, maskSide: Side, missing: 1);

        LocalizationResult located = MapEvaluation.Measure(new Brightness(), data, [.. Enumerable.Range(0, 8)], attacked: null, CancellationToken.None)!;

        Assert.Equal((7, 1, 3), (located.Images, located.WithoutMask, located.Regions));
        Assert.Null(located.UnderAttack);
    }

    /// <summary>Four dark images and four with a bright spot.</summary>
    private static AnomalyBenchmark Spots(TemporaryFolder folder, int maskSide, int missing = 0)
    {
        byte[] pixels = new byte[8 * 3 * Side * Side];
        string[] sources = new string[8];
        string?[] masks = new string?[8];
        for (int image = 0; image < 8; image++)
        {
            int place = 4 + image;
            bool bad = image >= 4;
            sources[image] = folder.File($"{image}.png");
            Write(sources[image], Side, Value);
            for (int i = 0; i < 3 * Side * Side; i++) pixels[image * 3 * Side * Side + i] = Value(i % Side, i / Side % Side);
            if (!bad || image - 4 < missing) continue;
            masks[image] = folder.File($"{image}_mask.png");
            Write(masks[image]!, maskSide, (x, y) => Value(x, y) > 100 ? (byte)255 : (byte)0);

            byte Value(int x, int y) => bad && x >= place && x < place + 4 && y >= 6 && y < 10 ? (byte)150 : (byte)60;
        }

        using DisposeScope scope = NewDisposeScope();
        ImageSet test = new("spots", tensor(pixels, ScalarType.Byte).view(8, 3, Side, Side), sources);
        ImageSet train = new("dark", full([8, 3, Side, Side], 60, ScalarType.Byte), [.. Enumerable.Range(0, 8).Select(i => $"{i}")]);
        return new AnomalyBenchmark("spots", "folder", train, test, [.. Enumerable.Range(0, 8).Select(i => i >= 4)], [.. Enumerable.Range(0, 8).Select(i => i >= 4 ? "spot" : "good")]) { TestMasks = masks };
    }

    private static void Write(string path, int side, Func<int, int, byte> value)
    {
        using SKBitmap bitmap = new(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++) bitmap.SetPixel(x, y, new SKColor(value(x, y), value(x, y), value(x, y)));
        }

        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.ToArray());
    }

    /// <summary>The brightness of the brightest part; its map is the brightness.</summary>
    private sealed class Brightness : IAnomalyDetector, IAnomalyMap
    {
        public string Name => "brightness";

        public Device Device => CPU;

        public Tensor Score(Tensor images)
        {
            using DisposeScope scope = NewDisposeScope();
            return ((images.mean([1]) * 20).flatten(1).logsumexp(1) / 20).MoveToOuterDisposeScope();
        }

        public Tensor HeatMap(Tensor images) => images.mean([1]);

        public void Dispose()
        {
        }
    }
}
