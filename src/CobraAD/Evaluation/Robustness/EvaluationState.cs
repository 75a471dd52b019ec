using System.Security.Cryptography;
using System.Text;
using CobraAD.Attacks.Records;
using CobraAD.Serialization;

namespace CobraAD.Evaluation.Robustness;

/// <summary>
/// Everything needed to go on with an interrupted evaluation: what finished attacks achieved, the union, and how far the attack under
/// way has come. The file ends in a SHA-256 of what precedes it, and names the evaluation it belongs to.
/// </summary>
internal sealed class EvaluationState(string? file, string fingerprint, TimeSpan saveEvery)
{
    private static readonly StateKind Kind = new("the state of an evaluation", "CobraAD evaluation", 1);

    private DateTime lastSave = DateTime.UtcNow;

    /// <summary>What a finished attack leaves behind.</summary>
    public sealed record Finished(
        double[] Scores, long Forwards, long Backwards, long Unusable, int RankBroken, TimeSpan Duration, LedgerCheck Audit)
    {
        /// <summary>What an attack did on a whole sample, from what it did on its parts.</summary>
        /// <param name="parts">In the order of the images.</param>
        /// <param name="ledger">Of the whole sample.</param>
        public static Finished Joined(IReadOnlyList<Finished> parts, Ledger ledger)
        {
            double[] scores = [.. parts.SelectMany(part => part.Scores)];
            return new Finished(
                scores, parts.Sum(part => part.Forwards), parts.Sum(part => part.Backwards), parts.Sum(part => part.Unusable),
                scores.Length - Ranks.OpenOf(scores, ledger.IsAnomalous, ledger.Rule).Length, TimeSpan.FromTicks(parts.Sum(part => part.Duration.Ticks)),
                LedgerCheck.Joined([.. parts.Select(part => part.Audit)]));
        }
    }

    public List<Finished> Done { get; } = [];

    public AttackJournal Journal { get; private set; } = new();

    /// <summary>Time that earlier sittings spent on the attack under way.</summary>
    public TimeSpan Spent { get; private set; }

    public void Finish(Finished attack)
    {
        Done.Add(attack);
        Journal = new();
        Spent = TimeSpan.Zero;
    }

    /// <summary>What the ledger's totals were before the attack under way: finished attacks', where they share one ledger.</summary>
    public (long Forwards, long Backwards, long Unusable) CostBefore(LedgerPair ledgers) => ledgers.IsShared
        ? (Done.Sum(attack => attack.Forwards), Done.Sum(attack => attack.Backwards), Done.Sum(attack => attack.Unusable))
        : default;

    /// <summary>How many attacks are finished in a state file; 0 where there is none. Whether it is whole and of which evaluation is left to <see cref="Load"/>.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="InvalidDataException">It is no state file.</exception>
    public static int FinishedIn(string file)
    {
        if (!File.Exists(file)) return 0;
        try
        {
            using FileStream stream = File.OpenRead(file);
            Kind.Require(file, stream);
            using BinaryReader reader = new(stream);
            if (reader.ReadString().Length > 0) return reader.ReadInt32();
            throw new EndOfStreamException("It does not say whose it is.");
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException($"State file '{file}' is damaged. Delete it to start the evaluation again.", exception);
        }
    }

    /// <summary>Reads the state file, if there is one, into the ledgers.</summary>
    public void Load(LedgerPair ledgers)
    {
        if (file is null || !File.Exists(file)) return;
        using FileStream stream = File.OpenRead(file);
        Kind.Require(file, stream);
        long content = stream.Position;
        if (!HashFits(stream)) throw new InvalidDataException($"State file '{file}' is damaged (its hash does not match). Delete it to start the evaluation again.");
        stream.Position = content;
        using BinaryReader reader = new(stream);
        string found = reader.ReadString();
        if (found != fingerprint)
        {
            throw new InvalidDataException(
                $"State file '{file}' belongs to another evaluation: the detector, the images, the attacks, the threat model or an option differ.{Environment.NewLine}" +
                $"  file: {found}{Environment.NewLine}  this: {fingerprint}{Environment.NewLine}Delete it to start again, or name another state file.");
        }

        try
        {
            int done = reader.ReadInt32();
            for (int i = 0; i < done; i++) Done.Add(ReadFinished(reader));
            Journal = AttackJournal.Read(reader);
            Spent = TimeSpan.FromTicks(reader.ReadInt64());
            ledgers.Read(reader);
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or FormatException or OverflowException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"State file '{file}' is damaged although its hash matches: {exception.Message} Delete it to start the evaluation again.", exception);
        }
    }

    public void SaveNowAndThen(LedgerPair ledgers, TimeSpan spent)
    {
        if (DateTime.UtcNow - lastSave >= saveEvery) Save(ledgers, spent);
    }

    public void Save(LedgerPair ledgers, TimeSpan spent)
    {
        if (file is null) return;
        AtomicFile.Write(file, stream =>
        {
            using (BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true))
            {
                writer.Write(Kind.Magic);
                writer.Write(fingerprint);
                writer.Write(Done.Count);
                foreach (Finished finished in Done) WriteFinished(writer, finished);
                Journal.Write(writer);
                writer.Write(spent.Ticks);
                ledgers.Write(writer);
            }

            stream.Position = 0;
            stream.Write(SHA256.HashData(stream));
        });
        lastSave = DateTime.UtcNow;
    }

    private static bool HashFits(FileStream stream)
    {
        stream.Position = 0;
        long left = stream.Length - SHA256.HashSizeInBytes;
        if (left < 0) return false;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        while (left > 0)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            if (read == 0) return false;
            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        byte[] expected = new byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(expected);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(expected);
    }

    private static Finished ReadFinished(BinaryReader reader)
    {
        double[] scores = new double[reader.ReadInt32()];
        for (int i = 0; i < scores.Length; i++) scores[i] = reader.ReadDouble();
        return new Finished(
            scores, reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt32(), TimeSpan.FromTicks(reader.ReadInt64()),
            new LedgerCheck(reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt32(), reader.ReadInt32()));
    }

    private static void WriteFinished(BinaryWriter writer, Finished finished)
    {
        writer.Write(finished.Scores.Length);
        foreach (double score in finished.Scores) writer.Write(score);
        writer.Write(finished.Forwards);
        writer.Write(finished.Backwards);
        writer.Write(finished.Unusable);
        writer.Write(finished.RankBroken);
        writer.Write(finished.Duration.Ticks);
        writer.Write(finished.Audit.LargestDistance);
        writer.Write(finished.Audit.LargestScoreDifference);
        writer.Write(finished.Audit.Rejected);
        writer.Write(finished.Audit.Weakened);
    }
}
