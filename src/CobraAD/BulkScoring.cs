using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Detection.Bulk;
using CobraAD.Experiments;
using CobraAD.Experiments.Cells;
using CobraAD.Methods;
using CobraAD.Serialization;

namespace CobraAD;

/// <summary>
/// Scoring of any number of files in pieces that processes and machines share through a folder. A piece is known by the content of its model and its
/// files, so what was computed is computed once, an image that changed is scored again, and the joined result is that of one process, to the bit.
/// </summary>
public sealed class BulkScoring
{
    private readonly ListedFiles files;
    private readonly ScoringPlan plan;

    private BulkScoring(ListedFiles files, ScoringPlan plan, string folder)
    {
        this.files = files;
        this.plan = plan;
        Folder = folder;
    }

    /// <summary>Where the results are kept.</summary>
    public string Folder { get; }

    /// <summary>Number of pieces.</summary>
    public int Pieces => FileBlocks.Count(plan.Images, plan.BlockSize);

    /// <summary>Number of files.</summary>
    public int Images => plan.Images;

    private static string PlanFile(string folder) => Path.Combine(folder, "scoring.json");

    /// <summary>Lists the files and notes in the folder what is to be scored with what.</summary>
    /// <param name="model">A model file.</param>
    /// <param name="paths">Files and folders; of a folder all image files at any depth.</param>
    /// <param name="folder">Keeps the results; made when missing.</param>
    /// <exception cref="FileNotFoundException">There is no such model.</exception>
    /// <exception cref="ExperimentException">The folder has the results of another model or of other files.</exception>
    public static BulkScoring Plan(string model, IEnumerable<string> paths, string folder)
    {
        ListedFiles files = ListedFiles.Of(paths);
        using FileStream stream = File.OpenRead(model);
        int side = DetectionMethods.LoadCard(model).Data.Height;
        ScoringPlan plan = new(
            Convert.ToHexStringLower(SHA256.HashData(stream)), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.Names)))),
            files.Paths.Count, FileBlocks.Size(side));
        if (File.Exists(PlanFile(folder))) Require(plan, folder, "Name another folder, or delete it to start again.");
        else AtomicFile.Write(PlanFile(folder), target => JsonSerializer.Serialize(target, plan, CobraJson.Options));
        return new BulkScoring(files, plan, folder);
    }

    /// <summary>The pieces that are not there, or whose files have changed since. Reads the files of those that are.</summary>
    /// <param name="cancellation">Stops between two files.</param>
    /// <exception cref="ExperimentException">A kept result is damaged.</exception>
    public IReadOnlyList<int> Missing(CancellationToken cancellation = default) =>
        [.. Enumerable.Range(0, Pieces).Where(piece => Read(Folder, piece)?.Content != (File.Exists(PathOf(Folder, piece)) ? Content(piece, cancellation) : ""))];

    /// <summary>Computes a piece, unless it is there.</summary>
    /// <param name="piece">From 0.</param>
    /// <param name="detector">The plan's model.</param>
    /// <param name="cancellation">Stops between two images or passes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such piece.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Compute(int piece, ITrainedDetector detector, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(piece);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(piece, Pieces);
        string content = Content(piece, cancellation);
        if (Read(Folder, piece)?.Content == content) return;
        BlockScores block = FileBlocks.Score(detector, FileBlocks.Files(files.Paths, piece, plan.BlockSize), null, cancellation).Single();
        Dictionary<string, ScoredEntry> entries = new(StringComparer.Ordinal);
        foreach ((string path, double score) in block.Paths.Zip(block.Scores)) entries[path] = new ScoredEntry(path, score, null);
        foreach (UnreadableImage image in block.Unreadable) entries[image.Source] = new ScoredEntry(image.Source, null, image.Reason);
        // The names are those of the plan: on another machine the same folder may lie elsewhere.
        int first = piece * plan.BlockSize;
        ScoredBlock result = new(content, [.. FileBlocks.Files(files.Paths, piece, plan.BlockSize).Select((path, i) => entries[path] with { Name = files.Names[first + i] })]);
        AtomicFile.Write(PathOf(Folder, piece), target => JsonSerializer.Serialize(target, result, CobraJson.Options));
    }

    /// <summary>Computes what is missing in worker processes.</summary>
    /// <param name="missing">From <see cref="Missing"/>.</param>
    /// <param name="worker">How the process that computes a piece is started.</param>
    /// <param name="jobs">Most workers at once, at least 1.</param>
    /// <param name="finished">Told about each piece that ended: its number, and what its worker said when it failed.</param>
    /// <param name="cancellation">Ends the workers.</param>
    /// <returns>The pieces whose worker failed, ascending; the next run computes them again.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task<IReadOnlyList<int>> ComputeInWorkers(
        IEnumerable<int> missing, Func<int, ProcessStartInfo> worker, int jobs, Action<int, string?> finished, CancellationToken cancellation = default) =>
        new LocalEngine(worker, jobs).Run(missing, finished, cancellation);

    /// <summary>Takes over the results of another folder, e.g. from another machine.</summary>
    /// <param name="other">The other folder.</param>
    /// <returns>How many pieces were new.</returns>
    /// <exception cref="ExperimentException">It holds another run, no run, or a piece that both have with different content.</exception>
    public int Merge(string other)
    {
        if (!File.Exists(PlanFile(other))) throw new ExperimentException($"'{other}' holds no scoring: it has no file '{Path.GetFileName(PlanFile(other))}'.");
        Require(plan, other, "Nothing was merged: only results of the same model and the same files belong together.");
        List<(int Piece, ScoredBlock Block)> added = [];
        for (int piece = 0; piece < Pieces; piece++)
        {
            if (Read(other, piece) is not { } block) continue;
            ScoredBlock? own = Read(Folder, piece);
            if (own is null) added.Add((piece, block));
            else if (own.Content != block.Content || !own.Files.SequenceEqual(block.Files))
                throw new ExperimentException($"'{Folder}' and '{other}' both have piece {piece}, with different {(own.Content != block.Content ? "images" : "scores")}. Nothing was merged; delete {PathOf(own.Content != block.Content ? other : Folder, piece)} if it is the wrong one.");
        }

        foreach ((int piece, ScoredBlock block) in added) AtomicFile.Write(PathOf(Folder, piece), target => JsonSerializer.Serialize(target, block, CobraJson.Options));
        return added.Count;
    }

    /// <summary>The joined result, a piece at a time: the same as of one process that scores all files.</summary>
    /// <param name="card">Of the plan's model.</param>
    /// <exception cref="ExperimentException">A piece is missing.</exception>
    public IEnumerable<FileScores> Results(IModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        for (int piece = 0; piece < Pieces; piece++)
        {
            ScoredBlock block = Read(Folder, piece) ?? throw new ExperimentException($"Piece {piece} of {Pieces} is missing in '{Folder}'. Run the command again to compute what is missing.");
            IReadOnlyList<string> paths = FileBlocks.Files(files.Paths, piece, plan.BlockSize);
            FileScores scores = new(
                [.. block.Files.Zip(paths).Where(entry => entry.First.Score is not null).Select(entry => FileScore.Of(card.Calibration, entry.Second, entry.First.Score!.Value))],
                [.. block.Files.Zip(paths).Where(entry => entry.First.Score is null).Select(entry => new UnreadableImage(entry.Second, entry.First.Unreadable ?? ""))]);
            yield return piece == 0 ? scores with { Unreadable = [.. files.Omitted, .. scores.Unreadable] } : scores;
        }

        if (Pieces == 0) yield return new FileScores([], files.Omitted);
    }

    private static void Require(ScoringPlan plan, string folder, string remedy)
    {
        ScoringPlan there = ReadFile<ScoringPlan>(PlanFile(folder));
        if (there == plan) return;
        throw new ExperimentException($"'{folder}' holds another run of scoring: {JsonDifference.First(CobraJson.ToNode(there), CobraJson.ToNode(plan))}. {remedy}");
    }

    private static string PathOf(string folder, int piece) => Path.Combine(folder, "pieces", $"{piece:D6}.json");

    private static ScoredBlock? Read(string folder, int piece) => File.Exists(PathOf(folder, piece)) ? ReadFile<ScoredBlock>(PathOf(folder, piece)) : null;

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

    private string Content(int piece, CancellationToken cancellation)
    {
        IReadOnlyList<string> paths = FileBlocks.Files(files.Paths, piece, plan.BlockSize);
        byte[][] hashes = new byte[paths.Count][];
        Parallel.For(0, paths.Count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i => hashes[i] = HashOf(paths[i]));
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(plan.Model));
        for (int i = 0; i < hashes.Length; i++)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{files.Names[piece * plan.BlockSize + i]}\n"));
            hash.AppendData(hashes[i]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] HashOf(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return SHA256.HashData(stream);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is listed as unreadable, with the reason.
            return [];
        }
    }
}
