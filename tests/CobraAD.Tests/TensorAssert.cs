using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests;

/// <summary>Compares tensors and says where and by how much they differ.</summary>
internal static class TensorAssert
{
    /// <summary>Every entry within tolerance · max(1, |expected|); NaN equals NaN.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        double[] wanted = expected.detach().cpu().to(float64).contiguous().data<double>().ToArray();
        double[] found = actual.detach().cpu().to(float64).contiguous().data<double>().ToArray();
        for (int i = 0; i < wanted.Length; i++)
        {
            if (double.IsNaN(wanted[i]) && double.IsNaN(found[i])) continue;
            double allowed = tolerance * Math.Max(1, Math.Abs(wanted[i]));
            Assert.True(Math.Abs(wanted[i] - found[i]) <= allowed, $"Entry {i} of [{string.Join(", ", expected.shape)}]: expected {wanted[i]:R}, found {found[i]:R}, allowed difference {allowed:G2}.");
        }
    }

    public static void SameBits(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        using Tensor differences = expected.ne(actual).sum();
        Assert.Equal(0, differences.item<long>());
    }
}
