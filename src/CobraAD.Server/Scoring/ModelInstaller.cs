using System.Security.Cryptography;
using System.Text.Json;
using CobraAD.Runtime;
using CobraAD.Server.Drift;
using CobraAD.Server.Results;
using CobraAD.Server.Telemetry;

namespace CobraAD.Server.Scoring;

/// <summary>
/// Puts models to work: the one that the options name, and those sent to the running service. A model that was sent stays in use over
/// restarts, until the file that the options name changes: the latest deliberate change wins.
/// </summary>
internal sealed partial class ModelInstaller(
    ServerOptions options, IScorerLoader loader, ModelHost models, DriftMonitor drift, ServerMetrics metrics, ILogger<ModelInstaller> logger, IResultStore? store = null) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);

    private string Folder => Path.Combine(options.DataFolder, "models");

    private string NotePath => Path.Combine(Folder, "installed.json");

    /// <summary>Loads the model that the service begins with.</summary>
    /// <param name="cancellation">Ends the reading of earlier results.</param>
    /// <exception cref="ModelRejectedException">The file is missing or no model.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        IScorer scorer = loader.Load(FindInstalled() ?? options.Model);
        models.Swap(scorer);
        drift.Reset(scorer.Model, scorer.Threshold);
        LogLoaded(scorer.Model.Name, scorer.Model.FileHash);
        if (store is null) return;
        IReadOnlyList<PartResult> earlier = await store.ListAsync(new ResultQuery(4 * options.DriftWindow, Model: scorer.Model.FileHash), cancellation);
        foreach (PartResult result in earlier.Reverse()) drift.Add(result);
    }

    /// <summary>Takes a model from a stream, tries it and puts it to work. Whatever fails, the model in use stays.</summary>
    /// <param name="content">The exported model.</param>
    /// <param name="cancellation">Ends the transfer.</param>
    /// <exception cref="RefusedException">It is too large or no model that can be served.</exception>
    public async Task<ModelInfo> InstallAsync(Stream content, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        string incoming = Path.Combine(Folder, $"{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(Folder);
            string hash = await ReceiveAsync(content, incoming, cancellation);
            string target = PathOf(hash);
            if (!File.Exists(target)) File.Move(incoming, target);
            IScorer scorer = Try(target);
            Remember(hash);
            models.Swap(scorer);
            drift.Reset(scorer.Model, scorer.Threshold);
            metrics.ModelSwapped();
            LogInstalled(scorer.Model.Name, hash);
            RemoveOthers(target);
            return scorer.Model;
        }
        finally
        {
            File.Delete(incoming);
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    // The name is a hash that this class computed; nothing that a client says becomes part of a path.
    private string PathOf(string hash) => Path.Combine(Folder, $"{hash}.onnx");

    private async Task<string> ReceiveAsync(Stream content, string path, CancellationToken cancellation)
    {
        using IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true);
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        int read;
        while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
        {
            total += read;
            if (total > options.MaxModelBytes) throw RefusedException.TooManyBytes("The model", options.MaxModelBytes, nameof(options.MaxModelBytes));
            sha.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }

        if (total == 0) throw RefusedException.Malformed("The body is empty; send the bytes of an .onnx file made by 'cobra export'.");
        file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    private IScorer Try(string path)
    {
        try
        {
            return loader.Load(path);
        }
        catch (ModelRejectedException exception)
        {
            File.Delete(path);
            throw new RefusedException(StatusCodes.Status422UnprocessableEntity, "model-rejected", $"The model was not taken, the one in use stays: {exception.Message.Replace(path, "the sent file", StringComparison.Ordinal)}", exception);
        }
    }

    private void Remember(string hash)
    {
        string temporary = NotePath + ".tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(new Note(hash, HashOf(options.Model))));
        File.Move(temporary, NotePath, overwrite: true);
    }

    private string? FindInstalled()
    {
        if (!File.Exists(NotePath)) return null;
        Note? note = JsonSerializer.Deserialize<Note>(File.ReadAllText(NotePath));
        if (note is null || note.InsteadOf != HashOf(options.Model) || !File.Exists(PathOf(note.Hash))) return null;
        LogReturning(note.Hash);
        return PathOf(note.Hash);
    }

    private void RemoveOthers(string kept)
    {
        foreach (string path in Directory.EnumerateFiles(Folder, "*.onnx"))
        {
            try
            {
                if (path != kept) File.Delete(path);
            }
            catch (IOException)
            {
                // Still in use by a request (Windows); the next swap removes it.
            }
        }
    }

    private static string HashOf(string path)
    {
        if (!File.Exists(path)) return "";
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving model {Name} ({Hash})")]
    private partial void LogLoaded(string name, string hash);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Name} ({Hash}) was sent and is now in use")]
    private partial void LogInstalled(string name, string hash);

    [LoggerMessage(Level = LogLevel.Information, Message = "Using model {Hash}, which was sent while the configured model's file was the same as now")]
    private partial void LogReturning(string hash);

    private sealed record Note(string Hash, string InsteadOf);
}
