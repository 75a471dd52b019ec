using CobraAD.Datasets;
using CobraAD.Mpi;
using CobraAD.Networks;
using CobraAD.Torch;
using CobraAD.Torch.Files;
using CobraAD.Training;
using CobraAD.Training.Parallel;
using TorchSharp;

namespace CobraAD.Methods.Cobra.Training;

/// <summary>
/// How several ranks begin and end one training. Rank 0 prepares the pseudo-anomalies or reads the checkpoint, and the others begin from its
/// checkpoint; it makes the bank and chooses the score, and the others get its detector. Only rank 0 needs the model's folder.
/// </summary>
/// <param name="ranks">More than one.</param>
/// <param name="options">The same on all of them.</param>
internal sealed class RankedTraining(IRanks ranks, CobraOptions options)
{
    /// <summary>Refuses what ranks cannot share.</summary>
    /// <exception cref="NotSupportedException">The training attack uses the statistics of its batch, attacked views have statistics of their own, or batches are trimmed.</exception>
    /// <exception cref="ArgumentException">A rank would have nothing to train on.</exception>
    public void RequireFit(ImageSet images)
    {
        if (options.Attack?.BatchStatistics == true)
            throw new NotSupportedException("An attack on the batch's own statistics (attack.batchStatistics) goes through all images at once, so ranks cannot share it. Set it to false (--config), or use the preset paper; fast and tiny have it up to 64 px, parts always.");
        if (options.SeparateBatchStatistics)
            throw new NotSupportedException("Batch statistics of attacked views apart (separateBatchStatistics) need a pass of their own through all images at once, so ranks cannot share them. Set it to false (--config).");
        if (options.TrimmedShare > 0)
            throw new NotSupportedException("Which images a batch leaves out (trimmedShare) may differ between ranks by rounding, so they cannot share it. Set it to 0 (--config).");
        int items = options.ItemsPerEpoch == 0 ? images.Count : options.ItemsPerEpoch;
        RankShare.RequireEnough(ranks, items / EpochOrder.StepsPerEpoch(images.Count, options.ItemsPerEpoch, options.BatchSize));
    }

    /// <summary>The run where all ranks stand; the caller disposes it.</summary>
    /// <param name="images">The same on all of them.</param>
    /// <param name="session">Of this rank.</param>
    /// <param name="begin">Makes the run of rank 0, and its checkpoint if the session has a place for one.</param>
    /// <exception cref="InvalidOperationException">This rank has other images or options than rank 0.</exception>
    public CobraRun Start(ImageSet images, TrainingSession session, Func<CobraRun> begin)
    {
        if (ranks.Rank == 0)
        {
            CobraRun run = begin();
            return Handover.OrDispose(run, () =>
            {
                Share(session.CheckpointPath, path => CobraCheckpoint.Write(path, run, options, images));
                return run;
            });
        }

        string received = ranks.ShareFile("");
        try
        {
            return CobraCheckpoint.Read(received, options, images, session);
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException(
                $"rank {ranks.Rank} on {Environment.MachineName} does not train what rank 0 trains. Give all ranks the same images and options. ({exception.Message})", exception);
        }
        finally
        {
            File.Delete(received);
        }
    }

    /// <summary>The detector that rank 0 makes of the trained network; the caller disposes it.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="make">Makes it on rank 0.</param>
    public CobraDetector Finish(torch.Device device, Func<CobraDetector> make)
    {
        if (ranks.Rank == 0)
        {
            CobraDetector detector = make();
            return Handover.OrDispose(detector, () =>
            {
                Share(null, detector.Save);
                return detector;
            });
        }

        string received = ranks.ShareFile("");
        try
        {
            // Read, not mapped: the file is deleted.
            return CobraModelFile.Read(received, device, largestRead: long.MaxValue);
        }
        finally
        {
            File.Delete(received);
        }
    }

    /// <summary>After an epoch: the networks of all ranks become rank 0's, from which they differ by rounding if at all.</summary>
    public static void Agree(IRanks ranks, params IEnumerable<CobraNetwork?> networks)
    {
        foreach (CobraNetwork network in networks.OfType<CobraNetwork>()) ranks.Broadcast(network.state_dict());
    }

    private void Share(string? existing, Action<string> write)
    {
        string path = existing ?? Path.Combine(ScratchFolder.Find(), $"cobra-{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            if (existing is null) write(path);
            ranks.ShareFile(path);
        }
        finally
        {
            if (existing is null) File.Delete(path);
        }
    }
}
