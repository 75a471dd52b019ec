using System.Runtime.InteropServices;
using CobraAD.Mpi;
using TorchSharp;

namespace CobraAD.Tests.Mpi;

/// <summary>Ranks that are threads of this process: the same contract as MPI's, so that what they compute together can be tested anywhere.</summary>
internal sealed class ThreadRanks : IDisposable
{
    private readonly Barrier barrier;
    private readonly byte[][] handed;
    private readonly CancellationTokenSource failed = new();

    private ThreadRanks(int size)
    {
        barrier = new Barrier(size);
        handed = new byte[size][];
    }

    /// <summary>Runs the same work on several ranks and returns what each of them found.</summary>
    /// <param name="size">How many.</param>
    /// <param name="work">Each in a thread and a dispose scope of its own; what it throws ends all.</param>
    public static T[] Run<T>(int size, Func<IRanks, T> work)
    {
        using ThreadRanks group = new(size);
        T[] results = new T[size];
        Exception?[] errors = new Exception?[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            try
            {
                results[rank] = work(new Member(group, rank));
            }
            catch (Exception exception)
            {
                errors[rank] = exception;
                group.failed.Cancel();
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        // The others stop because of the first, and say no more than that.
        if (errors.OfType<Exception>().FirstOrDefault(error => error is not OperationCanceledException) is { } first) throw first;
        if (errors.OfType<Exception>().FirstOrDefault() is { } cancelled) throw cancelled;
        return results;
    }

    public void Dispose()
    {
        barrier.Dispose();
        failed.Dispose();
    }

    private sealed class Member(ThreadRanks group, int rank) : IRanks
    {
        public int Rank => rank;

        public int Size => group.handed.Length;

        public RankTraffic Traffic { get; private set; }

        public void Sum(Span<double> values)
        {
            double[] sums = new double[values.Length];
            foreach (byte[] part in Exchange(MemoryMarshal.AsBytes(values)))
            {
                ReadOnlySpan<double> others = MemoryMarshal.Cast<byte, double>(part);
                Assert.Equal(values.Length, others.Length);
                for (int i = 0; i < sums.Length; i++) sums[i] += others[i];
            }

            sums.CopyTo(values);
        }

        public void Sum(Span<float> values)
        {
            float[] sums = new float[values.Length];
            foreach (byte[] part in Exchange(MemoryMarshal.AsBytes(values)))
            {
                ReadOnlySpan<float> others = MemoryMarshal.Cast<byte, float>(part);
                Assert.Equal(values.Length, others.Length);
                for (int i = 0; i < sums.Length; i++) sums[i] += others[i];
            }

            sums.CopyTo(values);
        }

        public void Gather(ReadOnlySpan<byte> own, Span<byte> all, ReadOnlySpan<int> bytes)
        {
            Assert.Equal(bytes[rank], own.Length);
            byte[][] parts = Exchange(own);
            int first = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                Assert.Equal(bytes[i], parts[i].Length);
                parts[i].CopyTo(all[first..]);
                first += parts[i].Length;
            }

            Assert.Equal(all.Length, first);
        }

        public void Broadcast(Span<byte> values)
        {
            byte[][] parts = Exchange(values);
            Assert.Equal(parts[0].Length, values.Length);
            parts[0].CopyTo(values);
        }

        private byte[][] Exchange(ReadOnlySpan<byte> own)
        {
            Traffic = Traffic.And(own.Length, 0);
            group.handed[rank] = own.ToArray();
            group.barrier.SignalAndWait(group.failed.Token);
            byte[][] parts = [.. group.handed];
            group.barrier.SignalAndWait(group.failed.Token);
            return parts;
        }
    }
}
