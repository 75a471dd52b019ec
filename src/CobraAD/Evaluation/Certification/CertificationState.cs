using System.Security.Cryptography;
using System.Text;
using CobraAD.Serialization;

namespace CobraAD.Evaluation.Certification;

/// <summary>
/// The scores of the noisy copies of every finished image. The file ends in a SHA-256 of what precedes it, and names the certification it belongs to.
/// </summary>
internal sealed class CertificationState(string? file, string fingerprint, TimeSpan saveEvery)
{
    private static readonly StateKind Kind = new("the state of a certification", "CobraAD certification", 1);

    private DateTime lastSave = DateTime.UtcNow;

    /// <summary>The sorted scores of the first images, one list each.</summary>
    public List<double[]> Done { get; } = [];

    /// <summary>Reads the file, if there is one.</summary>
    /// <exception cref="InvalidDataException">It is damaged or belongs to another certification.</exception>
    public void Load()
    {
        if (file is null || !File.Exists(file)) return;
        byte[] content = File.ReadAllBytes(file);
        using MemoryStream stream = new(content);
        Kind.Require(file, stream);
        int length = content.Length - SHA256.HashSizeInBytes;
        if (length < 0 || !SHA256.HashData(content.AsSpan(0, length)).AsSpan().SequenceEqual(content.AsSpan(length)))
            throw new InvalidDataException($"State file '{file}' is damaged (its hash does not match). Delete it to start the certification again.");
        using BinaryReader reader = new(stream);
        string found = reader.ReadString();
        if (found != fingerprint)
        {
            throw new InvalidDataException(
                $"State file '{file}' belongs to another certification: the detector, the images or an option differ.{Environment.NewLine}  file: {found}{Environment.NewLine}  this: {fingerprint}{Environment.NewLine}Delete it to start again, or name another state file.");
        }

        int images = reader.ReadInt32();
        for (int i = 0; i < images; i++)
        {
            double[] scores = new double[reader.ReadInt32()];
            for (int j = 0; j < scores.Length; j++) scores[j] = reader.ReadDouble();
            Done.Add(scores);
        }
    }

    /// <summary>Keeps one more image.</summary>
    public void Add(double[] scores)
    {
        Done.Add(scores);
        if (DateTime.UtcNow - lastSave >= saveEvery) Save();
    }

    /// <summary>Writes the file, where one is named; it appears complete or not at all.</summary>
    public void Save()
    {
        if (file is null) return;
        AtomicFile.Write(file, stream =>
        {
            using (BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true))
            {
                writer.Write(Kind.Magic);
                writer.Write(fingerprint);
                writer.Write(Done.Count);
                foreach (double[] scores in Done)
                {
                    writer.Write(scores.Length);
                    foreach (double score in scores) writer.Write(score);
                }
            }

            stream.Position = 0;
            stream.Write(SHA256.HashData(stream));
        });
        lastSave = DateTime.UtcNow;
    }

    /// <summary>Deletes the file of a complete certification.</summary>
    public void Delete()
    {
        if (file is not null) File.Delete(file);
    }
}
