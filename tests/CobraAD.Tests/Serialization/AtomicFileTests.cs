using CobraAD.Serialization;

namespace CobraAD.Tests.Serialization;

public sealed class AtomicFileTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(229)]
    [InlineData(255)]
    public void A_name_of_any_length_that_a_file_may_have_is_written(int length)
    {
        using TemporaryFolder folder = new();
        string path = folder.File(new string('n', length));

        AtomicFile.Write(path, stream => stream.WriteByte(7));
        AtomicFile.Write(path, stream => stream.WriteByte(8));

        Assert.Equal([8], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }
}
