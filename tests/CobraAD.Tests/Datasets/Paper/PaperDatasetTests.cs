using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using CobraAD.Datasets;
using CobraAD.Datasets.Paper;
using SkiaSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Datasets.Paper;

/// <summary>Each data set of the paper as a small tree of its published layout.</summary>
public sealed class PaperDatasetTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Svhn_is_read_from_its_matlab_files_packed_or_not(bool packed)
    {
        using var scope = NewDisposeScope();
        using TemporaryFolder folder = new();
        WriteSvhn(folder.Path, packed);

        using AnomalyBenchmark benchmark = Open("svhn", folder.Path, "0");

        // Labels 1 to 10 in turn, 10 for the digit 0: one image in ten.
        Assert.Equal((12, 4, 36), (benchmark.Train.Count, benchmark.TestIsAnomalous.Count(anomalous => !anomalous), benchmark.TestIsAnomalous.Count(anomalous => anomalous)));
        Assert.Equal("one-class", benchmark.Protocol);
        // The image of index 9 is the first zero; its pixel at row 3, column 5, channel 1 is (3 + 2·5 + 50·1 + 9) mod 256.
        Assert.Equal(72, benchmark.Train.Batch(0, 1)[0, 1, 3, 5].item<float>() * 255, 1e-3);
    }

    [Fact]
    public void A_truncated_matlab_file_is_named()
    {
        using TemporaryFolder folder = new();
        WriteSvhn(folder.Path, packed: true);
        string path = Path.Combine(folder.Path, "svhn", "train_32x32.mat");
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);

        DatasetException damaged = Assert.Throws<DatasetException>(() => Open("svhn", folder.Path, "0"));

        Assert.Contains("train_32x32.mat", damaged.Message, StringComparison.Ordinal);
        Assert.Contains("truncated or damaged", damaged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_matlab_file_is_named()
    {
        using TemporaryFolder folder = new();
        WriteSvhn(folder.Path, packed: true);
        File.WriteAllText(Path.Combine(folder.Path, "svhn", "test_32x32.mat"), "<html>not found</html>");

        Assert.Contains("not a little-endian MATLAB level 5 file", Assert.Throws<DatasetException>(() => Open("svhn", folder.Path, "0")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VisA_follows_its_published_split()
    {
        using TemporaryFolder folder = new();
        StringBuilder split = new("object,split,label,image,mask\n");
        for (int i = 0; i < 12; i++) Add("train", "normal", $"candle/Data/Images/Normal/{i:0000}.JPG", "");
        for (int i = 12; i < 15; i++) Add("test", "normal", $"candle/Data/Images/Normal/{i:0000}.JPG", "");
        for (int i = 0; i < 4; i++) Add("test", "anomaly", $"candle/Data/Images/Anomaly/{i:000}.JPG", $"candle/Data/Masks/Anomaly/{i:000}.png");
        Write(folder.Path, "visa/split_csv/1cls.csv", split.ToString());

        using AnomalyBenchmark benchmark = Open("visa", folder.Path, "candle");

        Assert.Equal((12, 3, 4), Counts(benchmark));
        Assert.Equal(4, benchmark.TestMasks!.Count(mask => mask is not null));
        Assert.Equal(["candle"], PaperDatasets.Get("visa").Classes(Path.Combine(folder.Path, "visa")));

        void Add(string part, string label, string image, string mask)
        {
            split.Append(System.Globalization.CultureInfo.InvariantCulture, $"candle,{part},{label},{image},{mask}\n");
            Picture(folder.Path, $"visa/{image}", SKColors.Gray);
        }
    }

    [Fact]
    public void An_image_that_VisA_s_split_lists_must_be_there()
    {
        using TemporaryFolder folder = new();
        Write(folder.Path, "visa/split_csv/1cls.csv", "object,split,label,image,mask\ncandle,train,normal,candle/Data/Images/Normal/0000.JPG,\n");
        Directory.CreateDirectory(Path.Combine(folder.Path, "visa", "candle", "Data"));

        Assert.Contains("0000.JPG' is missing", Assert.Throws<DatasetException>(() => Open("visa", folder.Path, "candle")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defective_images_of_DAGM_s_training_part_are_not_trained_on()
    {
        using TemporaryFolder folder = new();
        foreach (string part in (string[])["Train", "Test"])
        {
            for (int i = 1; i <= 12; i++) Picture(folder.Path, $"dagm/Class1/{part}/{i:0000}.PNG", SKColors.Gray);
            foreach (int i in (int[])[3, 7]) Picture(folder.Path, $"dagm/Class1/{part}/Label/{i:0000}_label.PNG", SKColors.White);
        }

        using AnomalyBenchmark benchmark = Open("dagm", folder.Path, "Class1");

        Assert.Equal((10, 10, 2), Counts(benchmark));
        Assert.Equal("defect", benchmark.TestKinds[^1]);
    }

    [Theory]
    [InlineData(true, 10, 3, 2)]
    [InlineData(false, 8, 2, 4)]
    public void Naevi_of_ISIC_are_normal(bool hasTest, int train, int normal, int anomalous)
    {
        using TemporaryFolder folder = new();
        Part("Training", 10, 4);
        if (hasTest) Part("Test", 3, 2);

        using AnomalyBenchmark benchmark = Open("isic2018", folder.Path, null);

        Assert.Equal((train, normal, anomalous), Counts(benchmark));

        void Part(string part, int naevi, int others)
        {
            StringBuilder truth = new("image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\n");
            for (int i = 0; i < naevi + others; i++)
            {
                truth.Append(System.Globalization.CultureInfo.InvariantCulture, $"ISIC_{part}_{i},{(i < naevi ? "0.0,1.0" : "1.0,0.0")},0.0,0.0,0.0,0.0,0.0\n");
                Picture(folder.Path, $"isic2018/ISIC2018_Task3_{part}_Input/ISIC_{part}_{i}.jpg", SKColors.Brown);
            }

            Write(folder.Path, $"isic2018/ISIC2018_Task3_{part}_GroundTruth/ISIC2018_Task3_{part}_GroundTruth.csv", truth.ToString());
        }
    }

    [Fact]
    public void Cityscapes_is_cut_into_patches_that_its_label_maps_judge()
    {
        using var scope = NewDisposeScope();
        using TemporaryFolder folder = new();
        // 1024 × 600 pixels: eight patches; a person (24) in the second patch of the first row.
        Scene("train", "aachen_1");
        Scene("train", "aachen_2");
        Scene("val", "bonn_1");

        using AnomalyBenchmark benchmark = Open("cityscapes", folder.Path, null);

        Assert.Equal((14, 7, 1), Counts(benchmark));
        Assert.EndsWith("#256,0", benchmark.Test.Sources[^1], StringComparison.Ordinal);
        // The person's patch is red, the others are blue.
        Assert.Equal(1, benchmark.Test.Batch(7, 1)[0, 0].mean().item<float>(), 1e-3);
        Assert.Equal(0, benchmark.Train.Batch(0, 14).select(1, 0).max().item<float>(), 1e-3);

        void Scene(string part, string name)
        {
            Picture(folder.Path, $"cityscapes/leftImg8bit/{part}/town/{name}_leftImg8bit.png", SKColors.Blue, 1024, 600, canvas => Fill(canvas, 256, 0, 256, SKColors.Red));
            Picture(folder.Path, $"cityscapes/gtFine/{part}/town/{name}_gtFine_labelIds.png", new SKColor(7, 7, 7), 1024, 600, canvas => Fill(canvas, 300, 40, 10, new SKColor(24, 24, 24)));
        }
    }

    [Fact]
    public void ImageNet_30_takes_one_class_at_a_time()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["acorn", "airliner", "ambulance"])
        {
            for (int i = 0; i < 9; i++) Picture(folder.Path, $"imagenet30/train/{name}/{i}.png", SKColors.Green);
            for (int i = 0; i < 2; i++) Picture(folder.Path, $"imagenet30/test/{name}/{i}.png", SKColors.Green);
        }

        using AnomalyBenchmark benchmark = Open("imagenet30", folder.Path, "acorn");
        DatasetCheck check = DatasetCheck.Of(PaperDatasets.Get("imagenet30"), folder.Path);

        Assert.Equal((9, 2, 4), Counts(benchmark));
        Assert.Equal(30, PaperDatasets.Get("imagenet30").Labels.Count);
        Assert.Contains("american_alligator", check.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_counts_what_is_there_and_compares_it_with_what_was_published()
    {
        using TemporaryFolder folder = new();
        WriteSvhn(folder.Path, packed: true);

        DatasetCheck found = DatasetCheck.Of(PaperDatasets.Get("svhn"), folder.Path);
        DatasetCheck missing = DatasetCheck.Of(PaperDatasets.Get("mnist"), folder.Path);

        Assert.Equal((120, 40), (found.Train, found.Test));
        Assert.Contains("73257 and 26032", found.Problem, StringComparison.Ordinal);
        Assert.Equal("not there", missing.Summary);
    }

    [Fact]
    public void A_file_that_differs_from_the_published_one_is_named_with_both_hashes()
    {
        using TemporaryFolder folder = new();
        WriteSvhn(folder.Path, packed: true);
        string file = Path.Combine(PaperDatasets.Get("svhn").Find(folder.Path)!, "train_32x32.mat");
#pragma warning disable CA5351 // MD5 is what is published of data sets.
        string md5 = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(File.ReadAllBytes(file)));
#pragma warning restore CA5351
        PaperDataset published = PaperDatasets.Get("svhn") with { PublishedCounts = null, PublishedMd5 = new Dictionary<string, string> { ["train_32x32.mat"] = md5 } };

        DatasetCheck same = DatasetCheck.Of(published, folder.Path);
        DatasetCheck altered = DatasetCheck.Of(published with { PublishedMd5 = new Dictionary<string, string> { ["train_32x32.mat"] = "00" } }, folder.Path);

        Assert.Null(same.Problem);
        Assert.Contains($"train_32x32.mat is not the published file: its MD5 is {md5}, published is 00", altered.Problem, StringComparison.Ordinal);
    }

    private static AnomalyBenchmark Open(string key, string data, string? normal)
    {
        PaperDataset dataset = PaperDatasets.Get(key);
        return dataset.Open(dataset.Find(data)!, normal, null, new DatasetOptions { ImageSize = 32 });
    }

    private static (int Train, int Normal, int Anomalous) Counts(AnomalyBenchmark benchmark) =>
        (benchmark.Train.Count, benchmark.TestIsAnomalous.Count(anomalous => !anomalous), benchmark.TestIsAnomalous.Count(anomalous => anomalous));

    private static void Write(string root, string relative, string text)
    {
        string path = Path.Combine(root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static void Picture(string root, string relative, SKColor color, int width = 16, int height = 16, Action<SKCanvas>? draw = null)
    {
        string path = Path.Combine(root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using SKBitmap bitmap = new(width, height);
        bitmap.Erase(color);
        using (SKCanvas canvas = new(bitmap)) draw?.Invoke(canvas);
        using FileStream file = File.Create(path);
        bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
    }

    private static void Fill(SKCanvas canvas, int left, int top, int side, SKColor color)
    {
        using SKPaint paint = new() { Color = color };
        canvas.DrawRect(left, top, side, side, paint);
    }

    private static void WriteSvhn(string root, bool packed)
    {
        string folder = Path.Combine(root, "svhn");
        Directory.CreateDirectory(folder);
        WriteMat(Path.Combine(folder, "train_32x32.mat"), 120, packed);
        WriteMat(Path.Combine(folder, "test_32x32.mat"), 40, packed);
    }

    /// <summary>X[row, column, channel, image] = row + 2 column + 50 channel + image, and y = 1 … 10 in turn.</summary>
    private static void WriteMat(string path, int count, bool packed)
    {
        byte[] pixels = new byte[32 * 32 * 3 * count];
        for (int i = 0, at = 0; i < count; i++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                for (int column = 0; column < 32; column++)
                {
                    for (int row = 0; row < 32; row++) pixels[at++] = (byte)(row + 2 * column + 50 * channel + i);
                }
            }
        }

        using FileStream file = File.Create(path);
        byte[] header = new byte[128];
        Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file").CopyTo(header, 0);
        (header[124], header[125], header[126], header[127]) = (0, 1, (byte)'I', (byte)'M');
        file.Write(header);
        foreach (byte[] matrix in (byte[][])[Matrix("X", [32, 32, 3, count], pixels), Matrix("y", [count, 1], [.. Enumerable.Range(0, count).Select(i => (byte)(i % 10 + 1))])])
        {
            if (!packed)
            {
                file.Write(matrix);
                continue;
            }

            using MemoryStream deflated = new();
            using (ZLibStream zip = new(deflated, CompressionLevel.Fastest, leaveOpen: true)) zip.Write(matrix);
            file.Write(Tag(15, (int)deflated.Length));
            file.Write(deflated.ToArray());
        }
    }

    private static byte[] Matrix(string name, int[] dimensions, byte[] values)
    {
        byte[] flags = new byte[8];
        flags[0] = 9;
        byte[] sides = new byte[4 * dimensions.Length];
        for (int i = 0; i < dimensions.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(sides.AsSpan(4 * i), dimensions[i]);
        // A name of one letter lies in the tag itself.
        byte[] shortName = [1, 0, 1, 0, (byte)name[0], 0, 0, 0];
        byte[] content = [.. Element(6, flags), .. Element(5, sides), .. shortName, .. Element(2, values)];
        return [.. Tag(14, content.Length), .. content];
    }

    private static byte[] Element(int type, byte[] bytes) => [.. Tag(type, bytes.Length), .. bytes, .. new byte[(8 - bytes.Length % 8) % 8]];

    private static byte[] Tag(int type, int length)
    {
        byte[] tag = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(tag, type);
        BinaryPrimitives.WriteInt32LittleEndian(tag.AsSpan(4), length);
        return tag;
    }
}
