using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.PseudoAnomalies.Generative;

/// <summary>Sampling of a trained generator in batches, so that memory does not grow with the number of samples.</summary>
internal static class SampleBatches
{
    /// <summary>Most samples of one batch.</summary>
    public const int Size = 64;

    /// <summary>How many batches a number of samples takes.</summary>
    public static int Count(int samples) => (samples + Size - 1) / Size;

    /// <summary>What all batches give, one after the other; the caller disposes it.</summary>
    /// <param name="samples">How many samples in all.</param>
    /// <param name="streams">Each batch has a stream of its own.</param>
    /// <param name="purpose">The stream's name.</param>
    /// <param name="report">Asked before each batch whether to stop.</param>
    /// <param name="batch">Makes [count, …] of as many samples with a generator on the CPU.</param>
    public static Tensor Draw(int samples, RandomStreams streams, string purpose, GenerativeSteps report, Func<int, Generator, Tensor> batch)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> parts = [];
        for (int start = 0; start < samples; start += Size)
        {
            report.ThrowIfCancelled();
            using DisposeScope batchScope = NewDisposeScope();
            using Generator rng = streams.Create(purpose, start);
            parts.Add(batch(Math.Min(Size, samples - start), rng).MoveToOuterDisposeScope());
        }

        return cat(parts).MoveToOuterDisposeScope();
    }
}
