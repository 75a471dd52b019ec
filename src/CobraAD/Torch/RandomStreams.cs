using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TorchSharp;

namespace CobraAD.Torch;

/// <summary>
/// Every random number of a run, from one seed. A stream is named by what it is for and where the run stands ("attack", epoch 3,
/// step 17), so nothing has to be saved to resume: the generator of any step can be made again.
/// </summary>
/// <param name="seed">The run's seed.</param>
public sealed class RandomStreams(long seed)
{
    /// <summary>The seed that every stream derives from.</summary>
    public long Seed { get; } = seed;

    /// <summary>Makes the CPU generator of one stream; the caller disposes it.</summary>
    /// <param name="purpose">What the numbers are for; streams of different purposes are independent.</param>
    /// <param name="position">Where the run stands, from the outside in (epoch, step, …).</param>
    public torch.Generator Create(string purpose, params ReadOnlySpan<long> position)
    {
        TorchRuntime.EnsureInitialized();
        return new((ulong)Derive(purpose, position), torch.CPU);
    }

    /// <summary>The seed of one stream: the first 63 bits of SHA-256 over seed, purpose and position.</summary>
    /// <param name="purpose">What the numbers are for.</param>
    /// <param name="position">Where the run stands, from the outside in.</param>
    public long Derive(string purpose, params ReadOnlySpan<long> position)
    {
        int nameLength = Encoding.UTF8.GetByteCount(purpose);
        byte[] message = new byte[8 + nameLength + 8 * position.Length];
        BinaryPrimitives.WriteInt64LittleEndian(message, Seed);
        Encoding.UTF8.GetBytes(purpose, message.AsSpan(8));
        for (int i = 0; i < position.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(8 + nameLength + 8 * i), position[i]);
        return BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(message)) & long.MaxValue;
    }
}
