using System.Text.Json;
using CobraAD.Tests.Golden;
using static TorchSharp.torch;

namespace CobraAD.Tests.Networks.Residual;

/// <summary>Fills a network with the integer-hash weights of the parity files (tests/CobraAD.Tests/Golden).</summary>
internal static class ParityWeights
{
    public static void Fill(nn.Module network, JsonElement tensors)
    {
        using IDisposable frozen = no_grad();
        Dictionary<string, TorchSharp.Modules.Parameter> parameters = network.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (JsonElement entry in tensors.EnumerateArray())
        {
            if (OurName(entry.GetProperty("name").GetString()!) is not { } name) continue;
            long[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64())];
            bool isNormWeight = shape.Length == 1 && name.EndsWith(".weight", StringComparison.Ordinal);
            double gain = shape.Length == 1 ? 0.2 : Math.Sqrt(12) * Math.Sqrt(2.0 / shape[1..].Aggregate((a, b) => a * b));
            float[] values = [.. Uniform(entry.GetProperty("t").GetUInt32(), shape.Aggregate((a, b) => a * b)).Select(u => (float)((isNormWeight ? 1 : 0) + (u - 0.5) * gain))];

            Assert.Equal(entry.GetProperty("first3").Vector().Take(values.Length), values.Take(3).Select(value => (double)value));
            Assert.Equal(entry.GetProperty("sum").GetDouble(), values.Sum(value => (double)value), 1e-9);
            Assert.True(parameters.Remove(name, out TorchSharp.Modules.Parameter? parameter), $"The network has no parameter '{name}'.");
            using Tensor source = tensor(values, shape);
            parameter.copy_(source);
        }

        Assert.Empty(parameters.Keys);
    }

    public static Tensor Images(int batch, int size) =>
        tensor(Uniform(1000, (long)batch * 3 * size * size).Select(u => (float)u).ToArray(), [batch, 3, size, size]).to(float64);

    /// <summary>The released code's names to ours; <see langword="null"/> for its two heads that nothing uses.</summary>
    public static string? OurName(string name) => name.Split('.')[0] switch
    {
        "linear" or "joint_distribution_layer" => null,
        "simclr_layer" => name.Replace("simclr_layer", "projection", StringComparison.Ordinal),
        "shift_cls_layer" => name.Replace("shift_cls_layer", "classifier", StringComparison.Ordinal),
        _ => "encoder." + name.Replace("shortcut", "downsample", StringComparison.Ordinal),
    };

    private static IEnumerable<double> Uniform(uint t, long count)
    {
        for (uint j = 0; j < count; j++)
        {
            uint h = unchecked(j + t * 0x9E3779B9);
            h ^= h >> 16;
            h *= 0x85EBCA6B;
            h ^= h >> 13;
            h *= 0xC2B2AE35;
            h ^= h >> 16;
            yield return h / 4294967296.0;
        }
    }
}
