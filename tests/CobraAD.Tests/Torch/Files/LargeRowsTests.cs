using CobraAD.Torch.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Torch.Files;

public sealed class LargeRowsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void Rows_are_the_same_in_memory_and_in_a_file(int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor all = arange(count * 6, dtype: ScalarType.Float32).view(count, 2, 3);

        Tensor memory = LargeRows.Of(count, Rows, count * 24), file = LargeRows.Of(count, Rows, count * 24 - 1);

        Assert.False(MappedFile.Holds(memory));
        Assert.True(MappedFile.Holds(file));
        Assert.True(all.eq(memory).all().item<bool>());
        Assert.True(all.eq(file).all().item<bool>());

        Tensor Rows(int start, int size) => all.narrow(0, start, size).clone();
    }

    [Fact]
    public void A_copy_is_where_its_original_is_and_can_be_written_to()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor file = LargeRows.Of(5, (start, size) => ones(size, 4), 1), memory = ones(5, 4);

        Tensor copyOfFile = LargeRows.Copy(file), copyOfMemory = LargeRows.Copy(memory);
        copyOfFile[2].fill_(7);
        copyOfMemory[2].fill_(7);

        Assert.True(MappedFile.Holds(copyOfFile));
        Assert.False(MappedFile.Holds(copyOfMemory));
        Assert.Equal(16 + 28, copyOfFile.sum().item<float>());
        Assert.Equal([20f, 20f], [file.sum().item<float>(), memory.sum().item<float>()]);
        Assert.Equal(copyOfMemory.data<float>().ToArray(), copyOfFile.data<float>().ToArray());
    }
}
