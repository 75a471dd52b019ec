using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Evaluation.Certification;

/// <summary>Draws of Gaussian noise by their number: the same for every image, on every device, and in whatever portions they are asked for.</summary>
/// <param name="seed">Of the draws.</param>
/// <param name="purpose">What they are for; draws of different purposes are independent.</param>
internal sealed class NoiseBank(long seed, string purpose)
{
    /// <summary>Draws of one portion.</summary>
    public const int Portion = 64;

    private readonly RandomStreams streams = new(seed);

    /// <summary>Standard normal draws [n, 3, H, W], all of a portion or those that are left; the caller disposes them.</summary>
    /// <param name="portion">Which portion, from 0.</param>
    /// <param name="count">How many of its draws.</param>
    /// <param name="height">Of an image.</param>
    /// <param name="width">Of an image.</param>
    public Tensor Draw(int portion, int count, long height, long width)
    {
        using Generator rng = streams.Create(purpose, portion);
        using Tensor all = randn([Portion, 3, height, width], generator: rng);
        return all.narrow(0, 0, count).clone();
    }

    /// <summary>The portions that hold a number of draws, with how many of each.</summary>
    public static IEnumerable<(int Portion, int Count)> Portions(int draws)
    {
        for (int start = 0; start < draws; start += Portion) yield return (start / Portion, Math.Min(Portion, draws - start));
    }
}
