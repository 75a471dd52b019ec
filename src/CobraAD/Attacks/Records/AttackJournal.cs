using System.Numerics;

namespace CobraAD.Attacks.Records;

/// <summary>
/// How far an attack has come, so that an interrupted run can go on with the same result. An attack is a sequence of stages (one pass
/// over some images, batch by batch) with decisions between them. On resuming, the attack runs again from its start: finished stages
/// are passed over, taken decisions are looked up instead of taken again, and the unfinished stage goes on after its last whole batch.
/// </summary>
internal sealed class AttackJournal
{
    private readonly Dictionary<string, double[]> decisions = [];

    /// <summary>Stages that are done.</summary>
    public int CompletedStages { get; private set; }

    /// <summary>The images of the stage under way; <see langword="null"/> between stages.</summary>
    public int[]? Images { get; private set; }

    /// <summary>The ledger's worst scores when the stage began.</summary>
    public double[] ScoresAtStart { get; private set; } = [];

    /// <summary>How many images of the stage under way are done.</summary>
    public int Done { get; private set; }

    public void Begin(IReadOnlyList<int> images, IReadOnlyList<double> scores)
    {
        Images = [.. images];
        ScoresAtStart = [.. scores];
        Done = 0;
    }

    public void Advance(int images) => Done += images;

    public void End()
    {
        Images = null;
        CompletedStages++;
    }

    /// <summary>
    /// The decision of that name: taken now, or looked up. It is kept as doubles, the one kind of number that a state file has, and checked
    /// when it comes back.
    /// </summary>
    public T[] Decide<T>(string key, Func<T[]> decide)
        where T : INumber<T>
    {
        if (!decisions.TryGetValue(key, out double[]? decision)) decisions[key] = decision = [.. decide().Select(double.CreateChecked)];
        return [.. decision.Select(T.CreateChecked)];
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(CompletedStages);
        writer.Write(Images is not null);
        if (Images is not null)
        {
            WriteAll(writer, [.. Images.Select(i => (double)i)]);
            WriteAll(writer, ScoresAtStart);
            writer.Write(Done);
        }

        writer.Write(decisions.Count);
        foreach ((string key, double[] decision) in decisions)
        {
            writer.Write(key);
            WriteAll(writer, decision);
        }
    }

    public static AttackJournal Read(BinaryReader reader)
    {
        AttackJournal journal = new() { CompletedStages = reader.ReadInt32() };
        if (reader.ReadBoolean())
        {
            journal.Images = [.. ReadAll(reader).Select(i => (int)i)];
            journal.ScoresAtStart = ReadAll(reader);
            journal.Done = reader.ReadInt32();
        }

        int count = reader.ReadInt32();
        for (int i = 0; i < count; i++) journal.decisions[reader.ReadString()] = ReadAll(reader);
        return journal;
    }

    private static void WriteAll(BinaryWriter writer, double[] values)
    {
        writer.Write(values.Length);
        foreach (double value in values) writer.Write(value);
    }

    private static double[] ReadAll(BinaryReader reader)
    {
        double[] values = new double[reader.ReadInt32()];
        for (int i = 0; i < values.Length; i++) values[i] = reader.ReadDouble();
        return values;
    }
}
