using static TorchSharp.torch;

namespace CobraAD.Attacks.Records;

/// <summary>
/// A ledger's records as part of a state file. Of the images only attacked points are written: the untouched ones and their scores are the
/// evaluation's own, and the file's reader has them already.
/// </summary>
internal static class LedgerFile
{
    private const int FormatVersion = 1;

    public static void Write(Ledger ledger, BinaryWriter writer)
    {
        writer.Write(FormatVersion);
        writer.Write(ledger.Held);
        foreach (int i in ledger.Images)
        {
            LedgerEntry entry = ledger[i];
            writer.Write(entry.WorstScore);
            writer.Write(entry.FoundBy);
            writer.Write(entry.Restart);
            writer.Write(entry.Step);
            writer.Write(entry.ForwardPasses);
            writer.Write(entry.BackwardPasses);
            writer.Write(entry.UnusableGradients);
            if (entry.FoundBy == Ledger.NoAttack) continue;
            // Image by image: a tensor's span is limited to 2 GiB.
            using Tensor point = ledger.WorstImages([i]);
            writer.Write(point.bytes);
        }
    }

    /// <summary>Reads records into a fresh ledger of the same images.</summary>
    /// <exception cref="InvalidDataException">The records are of another version or of another number of images.</exception>
    public static void Read(Ledger ledger, BinaryReader reader)
    {
        int version = reader.ReadInt32();
        if (version != FormatVersion) throw new InvalidDataException($"Expected ledger format {FormatVersion}, found {version}.");
        int count = reader.ReadInt32();
        if (count != ledger.Held) throw new InvalidDataException($"Expected a ledger of {ledger.Held} images, found {count}.");
        foreach (int i in ledger.Images)
        {
            LedgerEntry entry = new(
                ledger.CleanScores[i], WorstScore: reader.ReadDouble(), FoundBy: reader.ReadString(), Restart: reader.ReadInt32(), Step: reader.ReadInt32(),
                ForwardPasses: reader.ReadInt64(), BackwardPasses: reader.ReadInt64(), UnusableGradients: reader.ReadInt64());
            using Tensor point = ledger.CleanImages([i]);
            if (entry.FoundBy != Ledger.NoAttack) reader.BaseStream.ReadExactly(point.bytes);
            ledger.Restore(i, entry, point);
        }
    }
}
