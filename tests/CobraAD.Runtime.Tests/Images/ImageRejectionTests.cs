using CobraAD.Runtime.Images;
using SkiaSharp;

namespace CobraAD.Runtime.Tests.Images;

public sealed class ImageRejectionTests() : DetectorTests(new RobustDetectorOptions { MaxPixels = 1_000_000, MaxEncodedBytes = 2_000_000 })
{
    public static TheoryData<string, byte[], ImageDefect> BadImages => new()
    {
        { "nothing", [], ImageDefect.Empty },
        { "text", "not an image at all"u8.ToArray(), ImageDefect.Unsupported },
        { "GIF", "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xf9\x04\x00\x00\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b"u8.ToArray(), ImageDefect.Unsupported },
        { "half a PNG", TestPicture.Noise(64, 64)[..2000], ImageDefect.Damaged },
        { "half a JPEG", TestPicture.Plain(1, 2, 3, 200, 200, SKEncodedImageFormat.Jpeg)[..^40], ImageDefect.Damaged },
        { "a bomb", TestPicture.Claiming(50_000, 50_000), ImageDefect.TooLarge },
        { "just too large", TestPicture.Claiming(1000, 1001), ImageDefect.TooLarge },
        { "half a TIFF", "II*\0\x08\0\0\0\x01\0\0\x01"u8.ToArray(), ImageDefect.Damaged },
        { "too many bytes", new byte[2_000_001], ImageDefect.TooLarge },
    };

    [Theory]
    [MemberData(nameof(BadImages))]
    public void A_bad_image_is_refused_and_the_next_one_is_scored(string name, byte[] content, ImageDefect defect)
    {
        string path = Model.In("bad");
        File.WriteAllBytes(path, content);
        using MemoryStream stream = new(content);

        Assert.Equal(defect, Assert.Throws<ImageRejectedException>(() => Detector.Score(content, name)).Defect);
        Assert.Equal(defect, Assert.Throws<ImageRejectedException>(() => Detector.Score(stream)).Defect);
        ImageRejectedException error = Assert.Throws<ImageRejectedException>(() => Detector.Score(path));
        Assert.Equal(defect, error.Defect);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Throws<ImageRejectedException>(() => Detector.Explain(content));
        Assert.Equal(TestModel.ScoreOf(1, 2, 3), Detector.Score(TestPicture.Plain(1, 2, 3)).Score, 1e-4);
    }

    [SkippableTheory]
    [InlineData("mkfifo", "pipe.png")]
    [InlineData("ln -s /dev/zero", "link.png")]
    [InlineData("ln -s /dev/null", "nothing.png")]
    [InlineData("mkdir", "folder.png")]
    public void What_is_no_file_is_not_opened(string command, string name)
    {
        Skip.If(OperatingSystem.IsWindows(), "Pipes and devices are no files here.");
        string path = Model.In(name);
        string[] words = [.. command.Split(' '), path];
        System.Diagnostics.Process.Start(words[0], words[1..]).WaitForExit();

        Task<ImageRejectedException> score = Task.Run(() => Assert.Throws<ImageRejectedException>(() => Detector.Score(path)));

        Assert.True(score.Wait(TimeSpan.FromSeconds(30)), "It hangs.");
    }

    [Fact]
    public void A_bomb_is_refused_before_memory_is_taken_for_it()
    {
        byte[] bomb = TestPicture.Claiming(30_000, 30_000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ImageRejectedException>(() => Detector.Score(bomb));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Files_that_cannot_be_read_are_refused()
    {
        Assert.Equal(ImageDefect.Unreadable, Assert.Throws<ImageRejectedException>(() => Detector.Score(Model.In("missing.png"))).Defect);
        Assert.Equal(ImageDefect.Unreadable, Assert.Throws<ImageRejectedException>(() => Detector.Score(Path.GetTempPath())).Defect);
    }

    [Fact]
    public void Randomly_changed_images_are_scored_or_refused()
    {
        byte[][] originals =
        [
            TestPicture.Noise(24, 24), TestPicture.Plain(9, 99, 199, 24, 24, SKEncodedImageFormat.Jpeg), TestPicture.Plain(9, 99, 199, 24, 24, SKEncodedImageFormat.Webp),
        ];
        Random random = new(1);
        int scored = 0;
        int refused = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] image = [.. originals[round % originals.Length]];
            for (int change = random.Next(1, 8); change > 0; change--) image[random.Next(image.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) image = image[..random.Next(image.Length)];
            try
            {
                Assert.True(double.IsFinite(Detector.Score(image).Score));
                scored++;
            }
            catch (ImageRejectedException)
            {
                refused++;
            }
        }

        Assert.True(scored > 100 && refused > 100, $"{scored} scored, {refused} refused.");
    }
}
