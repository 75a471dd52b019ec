using CobraAD.Attacks;
using CobraAD.Attacks.Records;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks.Records;

public sealed class AttackJournalTests
{
    [Fact]
    public void Decisions_are_taken_once_and_come_back_as_they_were()
    {
        using DisposeScope scope = NewDisposeScope();
        using AnalyticDetector detector = new(x => x.flatten(1).mean([1L]));
        using Ledger ledger = Ledger.Open(detector, AttackTrial.Images(3), new bool[3], new(Norm.Linf, 0.1));
        AttackContext context = new(detector, ledger, new RandomStreams(0));

        int[] images = context.Decide<int>("images", () => [2, 0]);
        int[] again = context.Decide<int>("images", () => throw new InvalidOperationException("The decision was taken."));
        double[] share = context.Decide<double>("share", () => [0.1]);

        Assert.Equal([2, 0], images);
        Assert.Equal(images, again);
        Assert.Equal([0.1], share);
    }

    [Fact]
    public void Decisions_survive_the_state_file_as_the_numbers_they_were()
    {
        AttackJournal journal = new();
        journal.Decide<int>("images", () => [7, int.MaxValue]);
        journal.Decide<double>("share", () => [0.1, double.NegativeInfinity]);
        journal.Begin([3, 1, 2], [0.5, 0.25, 0.125]);
        journal.Advance(2);
        using MemoryStream file = new();
        using BinaryWriter writer = new(file);

        journal.Write(writer);
        file.Position = 0;
        using BinaryReader reader = new(file);
        AttackJournal read = AttackJournal.Read(reader);

        Assert.Equal([7, int.MaxValue], read.Decide<int>("images", () => []));
        Assert.Equal([0.1, double.NegativeInfinity], read.Decide<double>("share", () => []));
        Assert.Equal([3, 1, 2], read.Images!);
        Assert.Equal(2, read.Done);
    }
}
