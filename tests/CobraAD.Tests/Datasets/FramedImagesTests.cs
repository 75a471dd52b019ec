using CobraAD.Datasets;
using CobraAD.Imaging;
using CobraAD.Serialization.Archive;
using CobraAD.Tests.Imaging;
using SkiaSharp;

namespace CobraAD.Tests.Datasets;

/// <summary>How pictures become images is chosen or found once, and goes with the images and the model.</summary>
public sealed class FramedImagesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Images_know_how_they_were_framed_and_so_does_the_model()
    {
        Write(10, Picture.Encode(SKEncodedImageFormat.Png, 20, 12));
        Framing framing = new() { Fit = ImageFit.Crop, Region = new PixelRegion(2, 2, 10, 8) };

        using AnomalyBenchmark data = DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = 8, Framing = framing });
        ModelData model = data.Train.Describe();

        Assert.Equal(framing, data.Train.Framing);
        Assert.Equal(framing, data.Test.Framing);
        Assert.Equal(framing, model.Framing);
        Assert.Equal(DepthWindow.Full, model.SettledFraming.Window);
        // The first pixel of the middle of the region: red tells the column, green the row.
        Assert.Equal([30, 20, 200], data.Train.InterleavedPixels(0)[..3]);
    }

    [Fact]
    public void Without_a_framing_nothing_is_kept_and_nothing_changes()
    {
        Write(10, Picture.Encode(SKEncodedImageFormat.Png, 20, 12));

        using AnomalyBenchmark data = DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = 8 });

        Assert.Null(data.Train.Framing);
        Assert.Null(data.Train.Describe().Framing);
        Assert.Equal(new ImageReader().Read(Picture.Encode(SKEncodedImageFormat.Png, 20, 12), "a.png").Resize(8, 8).Pixels.ToArray(), data.Train.PlanarPixels(0));
    }

    [Fact]
    public void The_window_of_deep_training_images_is_found_and_holds_for_the_test_images()
    {
        // Twelve bits of a camera, of which good parts use 1000 to 2000, and one hot pixel.
        for (int i = 0; i < 10; i++)
            Write($"train/good/{i}.png", Picture.EncodeDeepPng(32, 32, 1, (x, y, _) => (x, y) == (0, 0) ? 65535 : 1000 + (331 * x + 17 * y * (i + 3)) % 1001));
        Write("test/good/0.png", Picture.EncodeDeepPng(32, 32, 1, (_, _, _) => 1500));
        Write("test/bad/0.png", Picture.EncodeDeepPng(32, 32, 1, (_, _, _) => 4000));

        using AnomalyBenchmark data = DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = 32 });

        DepthWindow window = data.Train.Framing!.Window!;
        Assert.InRange(window.Low, 890, 910);
        Assert.InRange(window.High, 2090, 2110);
        Assert.Equal(window, data.Test.Framing!.Window);
        Assert.InRange(data.Test.InterleavedPixels(0)[0], 126, 129);
        Assert.Equal(255, data.Test.InterleavedPixels(1)[0]);
    }

    [Fact]
    public void The_window_comes_from_the_region_of_interest_alone()
    {
        for (int i = 0; i < 10; i++)
            Write($"{i}.png", Picture.EncodeDeepPng(32, 32, 1, (x, y, _) => x < 16 ? 300 + y : 50000));

        using AnomalyBenchmark data = DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = 16, Framing = new Framing { Region = new PixelRegion(0, 0, 16, 32) } });

        Assert.InRange(data.Train.Framing!.Window!.High, 331, 336);
    }

    [Fact]
    public void A_trained_model_finds_no_window_where_it_has_none()
    {
        for (int i = 0; i < 10; i++) Write($"{i}.png", Picture.EncodeDeepPng(16, 16, 1, (x, y, _) => 1000 + (331 * x + 17 * y * (i + 3)) % 1000));
        ModelData old = new("parts", "good images", 10, 16, 16, "");

        using AnomalyBenchmark data = DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = 16, Framing = old.SettledFraming });

        Assert.Null(data.Train.Framing);
        Assert.All(data.Train.InterleavedPixels(0), value => Assert.InRange(value, 3, 8));
    }

    [Fact]
    public void A_flat_range_stays_as_it_is()
    {
        long[] counts = new long[65536];
        Assert.Equal(DepthWindow.Full, DepthWindows.Of(counts));
        counts[700] = 5;
        Assert.Equal(DepthWindow.Full, DepthWindows.Of(counts));
        counts[1700] = 5;
        Assert.Equal(new DepthWindow(600, 1800), DepthWindows.Of(counts));
    }

    [Fact]
    public void Decoded_images_in_a_file_serve_no_other_framing()
    {
        Write(10, Picture.Encode(SKEncodedImageFormat.Png, 20, 12));
        using TemporaryFolder cache = new();
        DatasetOptions plain = new() { ImageSize = 8, CacheFolder = cache.Path }, framed = plain with { Framing = new Framing { Region = new PixelRegion(3, 2, 8, 8) } };

        using AnomalyBenchmark first = DatasetLoader.Open(folder.Path, plain), other = DatasetLoader.Open(folder.Path, framed), memory = DatasetLoader.Open(folder.Path, framed with { CacheFolder = null });

        Assert.NotEqual(first.Train.Fingerprint, other.Train.Fingerprint);
        Assert.Equal(memory.Train.Fingerprint, other.Train.Fingerprint);
        Assert.Equal(framed.Framing, other.Train.Framing);
    }

    [Fact]
    public void The_default_size_is_that_of_the_region()
    {
        Write(10, Picture.Plain(90, 300, 200));

        using AnomalyBenchmark data = DatasetLoader.Open(folder.Path, new DatasetOptions { Framing = new Framing { Region = new PixelRegion(50, 50, 30, 20) } });

        Assert.Equal(32, data.Train.Width);
    }

    [Fact]
    public void An_image_without_room_for_the_region_stops_a_training_and_is_listed_in_a_scoring()
    {
        Write(10, Picture.Plain(90, 40, 40));
        string small = Write("small.png", Picture.Plain(90, 20, 20));
        Framing framing = new() { Region = new PixelRegion(10, 10, 20, 20) };

        DatasetException stopped = Assert.Throws<DatasetException>(() => DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = 8, Framing = framing }));
        using ReadImages read = DatasetLoader.ReadImages([folder.Path], 8, framing);

        Assert.Contains("small.png", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("20 × 20 pixels from 10, 10 on, is not inside of its 20 × 20 pixels", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(10, read.Images.Count);
        Assert.Equal(small, Assert.Single(read.Unreadable).Source);
    }

    [Fact]
    public void Some_of_the_images_are_framed_like_all_and_tiles_are_not_framed_again()
    {
        Write(10, Picture.Plain(90, 40, 40));
        using AnomalyBenchmark data = DatasetLoader.Open(folder.Path, new DatasetOptions { ImageSize = 16, Framing = new Framing { Grey = true } });

        using ImageSet some = data.Train.Subset([0, 2]), tiles = data.Train.Tiles(8, [new TilePlace(0, 4, 4)]);

        Assert.Equal(data.Train.Framing, some.Framing);
        Assert.Null(tiles.Framing);
    }

    private void Write(int count, byte[] picture)
    {
        for (int i = 0; i < count; i++) Write($"{i:00}.png", picture);
    }

    private string Write(string name, byte[] picture)
    {
        string path = folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, picture);
        return path;
    }
}
