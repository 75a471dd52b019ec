using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Tests;

/// <summary>Random images that are the same in every run.</summary>
internal static class TestImages
{
    /// <summary>[count, 3, size, size], uniform in [0, 1].</summary>
    public static Tensor Uniform(int count, int size, ScalarType type = ScalarType.Float32, long seed = 1)
    {
        using Generator rng = new RandomStreams(seed).Create("test images");
        return rand([count, 3, size, size], dtype: type, generator: rng);
    }
}
