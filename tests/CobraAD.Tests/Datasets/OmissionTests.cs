using System.Runtime.Versioning;
using CobraAD.Datasets;

namespace CobraAD.Tests.Datasets;

/// <summary>What is left out is an error, or is said.</summary>
public sealed class OmissionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Formats_that_are_not_read_and_linked_folders_are_said()
    {
        folder.Pictures("good", 9).Pictures("elsewhere", 1);
        folder.File("parts/a.gif", "GIF89a"u8.ToArray());
        folder.File("parts/.hidden.gif", "GIF89a"u8.ToArray());
        Directory.Move(folder.File("good"), folder.File("parts/good"));
        Directory.CreateSymbolicLink(folder.File("parts/good/more"), folder.File("elsewhere"));

        using AnomalyBenchmark data = DatasetLoader.Open(folder.File("parts"), new DatasetOptions { Layout = DatasetLayout.Images });

        Assert.Equal(["a.gif", "more"], data.Skipped.Select(image => Path.GetFileName(image.Source)));
        Assert.Contains("convert", data.Skipped[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_outside_of_the_folders_of_a_layout_are_said()
    {
        folder.Pictures("train/good", 9).Pictures("test/good", 2).Pictures("test/hole", 2).Pictures("ground_truth/hole", 2).Pictures("validation", 1).Pictures("train", 1);

        using AnomalyBenchmark data = DatasetLoader.Open(folder.Path);

        Assert.Equal(["train/000.png", "validation/000.png"], data.Skipped.Select(image => Path.GetRelativePath(folder.Path, image.Source)));
    }

    [Fact]
    public void A_class_that_is_a_link_is_read()
    {
        folder.Pictures("parts/train/good", 9).Pictures("elsewhere", 3);
        Directory.CreateDirectory(folder.File("parts/test"));
        Directory.CreateSymbolicLink(folder.File("parts/test/hole"), folder.File("elsewhere"));

        using AnomalyBenchmark data = DatasetLoader.Open(folder.File("parts"));

        Assert.Equal(3, data.TestKinds.Count(kind => kind == "hole"));
        Assert.Empty(data.Skipped);
    }

    [Fact]
    public void Scoring_lists_what_it_leaves_out()
    {
        folder.Pictures(".", 2);
        folder.File("c.heic", "?"u8.ToArray());

        using ReadImages read = DatasetLoader.ReadImages([folder.Path], 16, framing: null);

        Assert.Equal(2, read.Images.Count);
        Assert.EndsWith("c.heic", Assert.Single(read.Unreadable).Source, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_that_cannot_be_read_stops_training_and_is_named_by_scoring()
    {
        // The administrator may read everything, and has nothing to test here.
        if (Environment.IsPrivilegedProcess) return;
        folder.Pictures("train/good", 9).Pictures("test/good", 2).Pictures("test/hole", 2);
        string hidden = folder.File("test/hole");
        File.SetUnixFileMode(hidden, UnixFileMode.None);
        try
        {
            DatasetException refused = Assert.Throws<DatasetException>(() => DatasetLoader.Open(folder.Path));
            using ReadImages read = DatasetLoader.ReadImages([folder.Path], 16, framing: null);
            using AnomalyBenchmark without = DatasetLoader.Open(folder.Path, new DatasetOptions { SkipUnreadable = true });

            Assert.Contains(hidden, refused.Message, StringComparison.Ordinal);
            Assert.Equal(hidden, Assert.Single(read.Unreadable).Source);
            Assert.Equal(hidden, Assert.Single(without.Skipped).Source);
        }
        finally
        {
            File.SetUnixFileMode(hidden, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
