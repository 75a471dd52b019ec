using CobraAD.Torch.Files;
using static TorchSharp.torch;

namespace CobraAD.Tests.Torch.Files;

public sealed class MappedFileTests
{
    [Fact]
    public void A_part_stays_mapped_until_the_last_view_of_its_last_tensor_is_gone()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("numbers");
        File.WriteAllBytes(path, [.. Enumerable.Range(0, 64).SelectMany(i => BitConverter.GetBytes((float)i))]);
        Tensor tensor, other, view;
        using (MappedFile part = new(path, 8, 240))
        {
            tensor = part.At(0, [4, 3], ScalarType.Float32);
            other = part.At(48, [2], ScalarType.Float32);
            view = tensor.narrow(0, 3, 1);
        }

        Assert.Equal([14f, 15f], other.data<float>().ToArray());
        tensor.Dispose();
        other.Dispose();
        Assert.Equal([11f, 12f, 13f], view.data<float>().ToArray());
        Assert.True(IsMapped(path));
        view.Dispose();
        Assert.False(IsMapped(path));
    }

    private static bool IsMapped(string path) => File.ReadAllText("/proc/self/maps").Contains(path, StringComparison.Ordinal);
}
