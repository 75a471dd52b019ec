using System.IO.Compression;
using System.Text;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization;
using CobraAD.Serialization.Tensors;
using static TorchSharp.torch;

namespace CobraAD.Tests.Serialization.Foreign;

public sealed class PickleReaderTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pt");

    public void Dispose() => File.Delete(path);

    [Theory]
    [InlineData("posix.system", "cposix\nsystem\nX\u0004\0\0\0true\u0085R.")]
    [InlineData("builtins.eval", "cbuiltins\neval\n(X\u0003\0\0\0" + "1+1tR.")]
    [InlineData("builtins.getattr", "\u0080\u0004\u008c\u0008builtins\u008c\u0007getattr\u0093.")]
    [InlineData("torch.load", "ctorch\nload\n.")]
    [InlineData("0x69", "(ios\nsystem\n.")]
    [InlineData("0x6f", "(o.")]
    [InlineData("0x81", "ccollections\nOrderedDict\n)\u0081.")]
    [InlineData("0x50", "Pfile\n.")]
    [InlineData("0x82", "\u0082\u0001.")]
    [InlineData("other arguments", "ccollections\nOrderedDict\n(K\u0001tR.")]
    public void A_pickle_that_would_call_something_is_refused_and_named(string reason, string pickle)
    {
        Write(pickle);

        ModelFormatException exception = Assert.Throws<ModelFormatException>(() => WeightFile.Read(path));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0.")]
    [InlineData("h\u0001.")]
    [InlineData("t.")]
    [InlineData("}u.")]
    [InlineData("K\u0001K\u0002s.")]
    [InlineData("X\u00ff\u00ff\u00ff\u007f.")]
    [InlineData("\u008a\u00ff\u0001.")]
    [InlineData("K\u0001Q.")]
    [InlineData("K\u0001K\u0002R.")]
    [InlineData("\u0080\u0009}.")]
    public void A_damaged_pickle_is_refused(string pickle)
    {
        Write(pickle);

        Assert.Throws<ModelFormatException>(() => WeightFile.Read(path));
    }

    [Theory]
    [InlineData("K\u0004", "K\0", "K\u0004", "K\u0001", true)]
    [InlineData("K\u0004", "K\u0001", "K\u0002", "K\u0002", true)]
    [InlineData("K\u0004", "K\0", "K\u0009", "K\u0001", false)]
    [InlineData("K\u0004", "K\u0003", "K\u0002", "K\u0001", false)]
    [InlineData("K\u0004", "K\0", "K\u0003", "J\u00ff\u00ff\u00ff\u00ff", false)]
    [InlineData("K\u0004", "J\u00fe\u00ff\u00ff\u00ff", "K\u0001", "K\u0001", false)]
    [InlineData("K\u0004", "K\0", "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", "K\u0009", false)]
    [InlineData("K\u0005", "K\0", "K\u0004", "K\u0001", false)]
    public void A_tensor_must_lie_within_its_data(string count, string offset, string size, string stride, bool isValid)
    {
        Write($"}}X\u0001\0\0\0actorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0" + $"0X\u0003\0\0\0cpu{count}tQ{offset}({size}t({stride}t\u0089NtRs.");

        if (isValid)
        {
            using TensorBundle bundle = WeightFile.Read(path);
            Assert.Equal(float32, bundle.Tensors["a"].dtype);
        }
        else
        {
            Assert.Throws<ModelFormatException>(() => WeightFile.Read(path));
        }
    }

    [Theory]
    [InlineData("J\0\0\0\u007f", "K\0")]
    [InlineData("\u008a\u0006\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", "K\0")]
    public void A_stride_of_zero_does_not_fill_the_memory(string size, string stride)
    {
        Write($"}}X\u0001\0\0\0actorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0" + $"0X\u0003\0\0\0cpuK\u0004tQK\0({size}t({stride}t\u0089NtRs.");

        Assert.Contains("fill the memory", Assert.Throws<ModelFormatException>(() => WeightFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_is_told_from_a_state_dict()
    {
        Write("}.", ("archive/code/__torch__.py", "pass"));

        Assert.Contains("TorchScript", Assert.Throws<ModelFormatException>(() => WeightFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dictionary_without_tensors_is_no_state_dict()
    {
        Write("}X\u0001\0\0\0aK\u0001s.");

        Assert.Contains("state_dict()", Assert.Throws<ModelFormatException>(() => WeightFile.Read(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>A zip as PyTorch makes it, with four numbers as its only data. Characters are bytes.</summary>
    private void Write(string pickle, params (string Name, string Content)[] more)
    {
        using FileStream file = File.Create(path);
        using ZipArchive zip = new(file, ZipArchiveMode.Create);
        foreach ((string name, string content) in ((string, string)[])[("archive/data.pkl", pickle), ("archive/data/0", new string('\0', 16)), .. more])
        {
            using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            entry.Write(Encoding.Latin1.GetBytes(content));
        }
    }
}
