using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using CobraAD.Attacks.Records;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Robustness;
using CobraAD.Experiments;
using CobraAD.Experiments.Cells;
using CobraAD.Serialization;
using CobraAD.Torch;
using CobraAD.Torch.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD;

/// <summary>
/// A robustness evaluation in pieces of consecutive test images, which processes and machines share through a folder. Every piece knows the clean scores of
/// all images, and what an image draws depends on its place among all, so the joined result is that of one process. A piece that was interrupted goes on
/// where it was.
/// </summary>
public sealed class BulkEvaluation
{
    private readonly RobustnessStudy study;
    private readonly IAnomalyDetector detector;
    private readonly AnomalyBenchmark data;
    private readonly EvaluationPlan plan;
    private readonly int[] sample;
    private readonly bool[] isAnomalous;
    private readonly double[] cleanScores;

    private BulkEvaluation(RobustnessStudy study, IAnomalyDetector detector, AnomalyBenchmark data, EvaluationPlan plan, int[] sample, double[] cleanScores, string folder)
    {
        (this.study, this.detector, this.data, this.plan, this.sample, this.cleanScores) = (study, detector, data, plan, sample, cleanScores);
        isAnomalous = [.. sample.Select(i => data.TestIsAnomalous[i])];
        Folder = folder;
    }

    /// <summary>Where the results are kept.</summary>
    public string Folder { get; }

    /// <summary>Number of pieces.</summary>
    public int Pieces => plan.Pieces;

    /// <summary>Number of images that are attacked.</summary>
    public int Images => plan.Sample;

    private static string PlanFile(string folder) => Path.Combine(folder, "evaluation.json");

    private static string ScoresFile(string folder) => Path.Combine(folder, "clean.json");

    /// <summary>Why a study cannot be divided into pieces; <see langword="null"/> where it can.</summary>
    /// <param name="study">The study.</param>
    public static string? Refusal(RobustnessStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return study.WhyWhole();
    }

    /// <summary>Notes in the folder what is to be evaluated, and scores the untouched images, unless that is there.</summary>
    /// <param name="study">One radius, and attacks that treat each image by itself.</param>
    /// <param name="detector">The detector; must live as long.</param>
    /// <param name="data">The data set; must live as long.</param>
    /// <param name="model">SHA-256 of the detector's file.</param>
    /// <param name="folder">Keeps the results; made when missing.</param>
    /// <param name="cancellation">Stops between two passes.</param>
    /// <exception cref="NotSupportedException">The study cannot be divided; the message says what in it.</exception>
    /// <exception cref="ExperimentException">The folder has another evaluation.</exception>
    /// <inheritdoc cref="RobustnessStudy.Validate"/>
    public static BulkEvaluation Plan(
        RobustnessStudy study, IAnomalyDetector detector, AnomalyBenchmark data, string model, string folder, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(data);
        if (study.WhyWhole() is { } reason) throw new NotSupportedException($"This evaluation cannot be divided into pieces: {reason}. Run it in one process.");
        study.Validate(detector);
        RobustnessStudy.RequireFraming(detector, data);
        RobustnessOptions options = study.Evaluation;
        int[] sample = EvaluationSet.From(data).Sample(options);
        int batch = BatchedPass.SizeFor(options.BatchSize, data.Test.Height, data.Test.Width);
        EvaluationPlan plan = new(
            model, data.Name, data.Test.Fingerprint, Convert.ToHexStringLower(SHA256.HashData([.. data.TestIsAnomalous.Select(label => label ? (byte)1 : (byte)0)])),
            study.Threat.ToString(), string.Join("; ", study.AttacksOn(detector).Select(attack => attack.ToString())), options.Rule.ToString(), options.Seed, options.SamplesPerClass,
            batch, sample.Length, EvaluationPlan.SizeFor(batch));
        if (File.Exists(PlanFile(folder))) Require(plan, folder, "Name another folder, or delete it to start again.");
        else AtomicFile.Write(PlanFile(folder), target => JsonSerializer.Serialize(target, plan, CobraJson.Options));
        if (!File.Exists(ScoresFile(folder)))
        {
            double[] scores = CleanScores(detector, data.Test, sample, batch, cancellation);
            AtomicFile.Write(ScoresFile(folder), target => JsonSerializer.Serialize(target, scores, CobraJson.Options));
        }

        return new BulkEvaluation(study, detector, data, plan, sample, ReadFile<double[]>(ScoresFile(folder)), folder);
    }

    /// <summary>The pieces that are not complete.</summary>
    /// <exception cref="InvalidDataException">A kept result is damaged.</exception>
    public IReadOnlyList<int> Missing() => [.. Enumerable.Range(0, Pieces).Where(piece => !IsComplete(Folder, piece))];

    /// <summary>Computes a piece, or what is missing of it.</summary>
    /// <param name="piece">From 0.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops between two passes; what was found is kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such piece.</exception>
    /// <exception cref="InvalidDataException">What is kept of it is damaged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Compute(int piece, IProgress<RobustnessProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(piece);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(piece, Pieces);
        if (IsComplete(Folder, piece)) return;
        using Tensor images = ImagesOf(piece);
        study.PieceEvaluator(detector, PathOf(Folder, piece)).EvaluatePart(images, piece * plan.PieceSize, isAnomalous, cleanScores, progress, cancellation);
    }

    /// <summary>Computes pieces in worker processes.</summary>
    /// <inheritdoc cref="BulkScoring.ComputeInWorkers"/>
    public static Task<IReadOnlyList<int>> ComputeInWorkers(
        IEnumerable<int> missing, Func<int, ProcessStartInfo> worker, int jobs, Action<int, string?> finished, CancellationToken cancellation = default) =>
        new LocalEngine(worker, jobs).Run(missing, finished, cancellation);

    /// <summary>Takes over the complete pieces of another folder, e.g. from another machine.</summary>
    /// <param name="other">The other folder.</param>
    /// <returns>How many pieces were new.</returns>
    /// <exception cref="ExperimentException">It holds another evaluation, or none.</exception>
    public int Merge(string other)
    {
        if (!File.Exists(PlanFile(other))) throw new ExperimentException($"'{other}' holds no evaluation: it has no file '{Path.GetFileName(PlanFile(other))}'.");
        Require(plan, other, "Nothing was merged: only results of the same model, images, attacks and options belong together.");
        if (!File.Exists(ScoresFile(other)) || !ReadFile<double[]>(ScoresFile(other)).AsSpan().SequenceEqual(cleanScores))
            throw new ExperimentException($"'{other}' has other scores of the untouched images than '{Folder}': its machine rounds otherwise. Nothing was merged; compute all pieces on machines of one kind.");
        int[] added = [.. Enumerable.Range(0, Pieces).Where(piece => !IsComplete(Folder, piece) && IsComplete(other, piece))];
        foreach (int piece in added)
        {
            using FileStream source = File.OpenRead(PathOf(other, piece));
            AtomicFile.Write(PathOf(Folder, piece), source.CopyTo);
        }

        return added.Length;
    }

    /// <summary>The joined result; the caller disposes it. The attacked images are in a temporary file.</summary>
    /// <param name="cancellation">Stops what follows from the attacks.</param>
    /// <exception cref="ExperimentException">A piece is missing.</exception>
    /// <exception cref="InvalidDataException">A piece is damaged.</exception>
    public StudyResult Join(CancellationToken cancellation = default)
    {
        if (Missing() is { Count: > 0 } missing) throw new ExperimentException($"{missing.Count} of {Pieces} pieces are missing in '{Folder}'. Run the command again to compute them.");
        List<LedgerEntry> entries = [];
        List<IReadOnlyList<EvaluationState.Finished>> attacks = [];
        using ScratchRows clean = new(), attacked = new();
        for (int piece = 0; piece < Pieces; piece++)
        {
            using DisposeScope scope = NewDisposeScope();
            using Tensor images = ImagesOf(piece);
            (Ledger ledger, IReadOnlyList<EvaluationState.Finished> finished) =
                study.PieceEvaluator(detector, PathOf(Folder, piece)).ReadPart(images, piece * plan.PieceSize, isAnomalous, cleanScores);
            using (ledger)
            {
                clean.Add(images);
                attacked.Add(ledger.Points);
                entries.AddRange(ledger.Images.Select(image => ledger[image]));
            }

            attacks.Add(finished);
        }

        long[] shape = [Images, 3, data.Test.Height, data.Test.Width];
        using Tensor untouched = clean.Map(shape, ScalarType.Float32);
        Ledger whole = Ledger.Joined(untouched, attacked.Map(shape, ScalarType.Float32), isAnomalous, entries, study.Threat, study.Evaluation.Rule);
        return Handover.OrDispose(whole, () => study.Described(detector, data, study.PieceEvaluator(detector, PathOf(Folder, 0)).Join(whole, sample, attacks), null, null, cancellation));
    }

    private static double[] CleanScores(IAnomalyDetector detector, ImageSet images, int[] sample, int batch, CancellationToken cancellation)
    {
        double[] scores = new double[sample.Length];
        BatchedPass.Over(sample.Length, batch, (start, size) =>
            FiniteScore.ToDoubles(FiniteScore.Of(detector, images.Batch([.. sample.Skip(start).Take(size).Select(i => (long)i)], detector.Device))).CopyTo(scores, start), cancellation);
        int[] broken = [.. Enumerable.Range(0, scores.Length).Where(i => !double.IsFinite(scores[i]))];
        return broken.Length == 0 ? scores : throw FiniteScore.NotFinite(detector, broken, "before any attack");
    }

    private static void Require(EvaluationPlan plan, string folder, string remedy)
    {
        EvaluationPlan there = ReadFile<EvaluationPlan>(PlanFile(folder));
        if (there == plan) return;
        throw new ExperimentException($"'{folder}' holds another evaluation: {JsonDifference.First(CobraJson.ToNode(there), CobraJson.ToNode(plan))}. {remedy}");
    }

    private static string PathOf(string folder, int piece) => Path.Combine(folder, "pieces", $"{piece:D6}.state");

    private static T ReadFile<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), CobraJson.Options) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException exception)
        {
            throw new ExperimentException($"{path} is damaged: {exception.Message} Delete it to compute it again.", exception);
        }
    }

    private bool IsComplete(string folder, int piece)
    {
        string path = PathOf(folder, piece);
        try
        {
            return EvaluationState.FinishedIn(path) == study.Attacks.Count;
        }
        catch (InvalidDataException exception)
        {
            // Nobody named this file, so nobody can name another.
            throw new InvalidDataException($"'{path}' is damaged, or no piece of an evaluation. Delete it to compute it again.", exception);
        }
    }

    private Tensor ImagesOf(int piece) => data.Test.Batch([.. sample.Skip(piece * plan.PieceSize).Take(plan.PieceSize).Select(i => (long)i)]);
}
