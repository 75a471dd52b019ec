using CobraAD.Datasets;
using CobraAD.Evaluation.Parts;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Reporting;
using CobraAD.Tests.Imaging;

namespace CobraAD.Tests.Evaluation.Parts;

public sealed class DataCheckTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Good_images_that_vary_are_nothing_to_speak_of()
    {
        DrawParts();

        using DataCheckResult result = Check();

        Assert.Empty(result.Findings);
        Assert.Equal(68, result.Images.Count);
        Assert.All(result.Images.Take(64), image => Assert.NotNull(image.Distance));
    }

    [Fact]
    public void A_copy_is_named_with_its_original()
    {
        DrawParts();
        File.Copy(Good(3), Path.Combine(folder.Path, "train", "good", "zz.png"));

        using DataCheckResult result = Check();

        DataFinding finding = Assert.Single(result.Findings);
        Assert.Equal(DataFindingKind.Copy, finding.Kind);
        Assert.EndsWith("zz.png", Assert.Single(finding.Files), StringComparison.Ordinal);
        Assert.Contains("03.png", Assert.Single(finding.Details), StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_with_a_little_noise_is_almost_a_copy()
    {
        DrawParts();
        Save("train/good/zz.png", 3, noise: 1);

        using DataCheckResult result = Check();

        Assert.Equal(DataFindingKind.NearCopy, Assert.Single(result.Findings).Kind);
    }

    [Fact]
    public void A_training_image_among_the_test_images_is_a_leak_even_with_noise()
    {
        DrawParts();
        Save("test/good/zz.png", 5, noise: 1);

        using DataCheckResult result = Check();

        DataFinding finding = Assert.Single(result.Findings);
        Assert.Equal(DataFindingKind.Leak, finding.Kind);
        Assert.EndsWith("test/good/zz.png", Assert.Single(finding.Files), StringComparison.Ordinal);
    }

    [Fact]
    public void A_defect_that_is_also_called_good_is_a_contradiction()
    {
        DrawParts();
        Directory.CreateDirectory(Path.Combine(folder.Path, "test", "scratch"));
        File.Copy(Good(7), Path.Combine(folder.Path, "test", "scratch", "zz.png"));

        using DataCheckResult result = Check();

        Assert.Contains("scratch", Assert.Single(result.Findings, finding => finding.Kind == DataFindingKind.Contradiction).Details[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_unlike_all_others_is_found_and_a_copy_of_it_does_not_hide_it()
    {
        DrawParts();
        foreach (string name in (string[])["zz0.png", "zz1.png"]) folder.File($"train/good/{name}", Picture.EncodeDeepPng(32, 32, 1, (x, y, _) => (x / 8 + y / 8) % 2 == 0 ? 60_000 : 12_000));

        using DataCheckResult result = Check();

        Assert.Equal(2, Assert.Single(result.Findings, finding => finding.Kind == DataFindingKind.Outlier).Files.Count);
    }

    [Fact]
    public void Dark_soft_small_and_coloured_pictures_are_found_for_what_they_are()
    {
        DrawParts();
        Save("train/good/dark.png", 70, gain: 0.3);
        Save("train/good/soft.png", 71, blur: 9);
        Save("train/good/small.png", 72, width: 24);
        Save("train/good/coloured.png", 73, tint: 40);

        using DataCheckResult result = Check();

        Assert.EndsWith("dark.png", File(DataFindingKind.Exposure), StringComparison.Ordinal);
        Assert.EndsWith("soft.png", File(DataFindingKind.Focus), StringComparison.Ordinal);
        Assert.EndsWith("small.png", File(DataFindingKind.Size), StringComparison.Ordinal);
        Assert.EndsWith("coloured.png", File(DataFindingKind.Colour), StringComparison.Ordinal);

        string File(DataFindingKind kind) => result.Findings.Single(finding => finding.Kind == kind).Files[0];
    }

    [Fact]
    public void What_cannot_be_read_is_listed_and_stops_nothing()
    {
        DrawParts();
        folder.File("train/good/zz.png", System.IO.File.ReadAllBytes(Good(1))[..60]);

        using DataCheckResult result = Check();

        Assert.Equal(DataFindingKind.LeftOut, Assert.Single(result.Findings).Kind);
    }

    [Fact]
    public void Too_few_images_for_a_threshold_are_said()
    {
        DrawParts(training: 20);

        using DataCheckResult result = Check();

        Assert.Equal(DataFindingKind.Few, Assert.Single(result.Findings).Kind);
    }

    [Fact]
    public void The_report_is_a_page_with_pictures_and_json()
    {
        DrawParts();
        System.IO.File.Copy(Good(3), Path.Combine(folder.Path, "train", "good", "<zz>.png"));

        using DataCheckResult result = Check();
        string page = System.IO.File.ReadAllText(result.Write(Path.Combine(folder.Path, "report")));

        Assert.Contains("data:image/png;base64,", page, StringComparison.Ordinal);
        Assert.Contains("&lt;zz&gt;.png", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<zz>", page, StringComparison.Ordinal);
        Assert.Contains("\"kind\": \"copy\"", System.IO.File.ReadAllText(Path.Combine(folder.Path, "report", "check.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.6)]
    public void A_rate_outside_its_range_is_refused(double rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => DataCheck.Run(folder.Path, new DataCheckOptions { FalseAlarmRate = rate }));

    [Fact]
    public void A_check_can_be_stopped()
    {
        DrawParts();

        Assert.Throws<OperationCanceledException>(() => DataCheck.Run(folder.Path, cancellation: new CancellationToken(canceled: true)));
    }

    private string Good(int index) => Path.Combine(folder.Path, "train", "good", $"{index:00}.png");

    private DataCheckResult Check() => DataCheck.Run(folder.Path, new DataCheckOptions
    {
        Data = new DatasetOptions { ImageSize = 32 },
        Backbone = new BackboneOptions { Network = new ResNetOptions { WidthFactor = 0.125 } },
    });

    private void DrawParts(int training = 64)
    {
        for (int i = 0; i < training; i++) Save($"train/good/{i:00}.png", i);
        for (int i = 80; i < 84; i++) Save($"test/good/{i}.png", i);
    }

    /// <summary>A grey ring, its texture and its place by the seed.</summary>
    private void Save(string name, int seed, int noise = 0, double gain = 1, int blur = 1, int width = 32, int tint = 0)
    {
        Random random = new(seed);
        double[,] texture = new double[64, 64];
        for (int i = 0; i < texture.Length; i++) texture[i / 64, i % 64] = 40 * random.NextDouble();
        (double left, double top) = (14 + 4 * random.NextDouble(), 14 + 4 * random.NextDouble());
        folder.File(name, Picture.EncodeDeepPng(width, 32, 3, (x, y, channel) => 257 * Math.Clamp((int)(gain * Grey(x, y)) + (channel == 0 ? tint : 0) + noise * ((x + y) % 3 - 1), 0, 255)));

        double Grey(int x, int y)
        {
            double sum = 0;
            for (int dy = 0; dy < blur; dy++)
            {
                for (int dx = 0; dx < blur; dx++)
                {
                    double distance = Math.Sqrt(Math.Pow(x + dx - left, 2) + Math.Pow(y + dy - top, 2));
                    sum += texture[y + dy, x + dx] + (distance is > 6 and < 11 ? 160 : 60);
                }
            }

            return sum / (blur * blur);
        }
    }
}
