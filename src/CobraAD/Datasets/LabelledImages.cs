using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CobraAD.Datasets;

/// <summary>Images of several classes to train a classifier on, and held-out ones to measure it.</summary>
/// <param name="Name">The data set's name.</param>
/// <param name="Train">The training images.</param>
/// <param name="TrainLabels">The class of each, an index into <paramref name="Classes"/>.</param>
/// <param name="HeldOut">The held-out images; may be empty.</param>
/// <param name="HeldOutLabels">The class of each.</param>
/// <param name="Classes">The names of the classes.</param>
public sealed record LabelledImages(
    string Name, ImageSet Train, IReadOnlyList<long> TrainLabels, ImageSet HeldOut, IReadOnlyList<long> HeldOutLabels, IReadOnlyList<string> Classes) : IDisposable
{
    /// <summary>The classes that were left out.</summary>
    public IReadOnlyList<string> ExcludedClasses { get; init; } = [];

    /// <summary>What was left out: images that could not be read, formats that are not, linked folders, and images where the layout expects none.</summary>
    public IReadOnlyList<UnreadableImage> Skipped { get; init; } = [];

    /// <summary>SHA-256 (hex) over the training images, their labels and the names of the classes.</summary>
    public string Fingerprint
    {
        get
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.ASCII.GetBytes(Train.Fingerprint));
            Span<byte> number = stackalloc byte[8];
            foreach (long label in TrainLabels)
            {
                BinaryPrimitives.WriteInt64LittleEndian(number, label);
                hash.AppendData(number);
            }

            hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', Classes)));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        HeldOut.Dispose();
    }
}
