using System.Security.Cryptography;
using System.Text.Json;
using CobraAD.Runtime;
using CobraAD.Serialization;
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

    /// <summary>The product that the models are for; <see langword="null"/> where there is one model.</summary>
    public string? Product { get; init; }

    private string Folder => Path.Combine(options.DataFolder, "models");

    private string NotePath => Path.Combine(Folder, "installed.json");

    /// <summary>Loads the model that the service begins with.</summary>
    /// <param name="cancellation">Ends the reading of earlier results.</param>
    /// <exception cref="ModelRejectedException">The file is missing or no model.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        RemoveUnfinished();
        IScorer scorer = LoadInstalled() ?? loader.Load(options.Model, threshold: options.Threshold);
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
            // Also over a file of that name: an earlier one may be damaged.
            File.Move(incoming, target, overwrite: true);
            IScorer scorer = Try(target);
            try
            {
                Remember(hash);
            }
            catch
            {
                scorer.Dispose();
                throw;
            }

            models.Swap(scorer);
            drift.Reset(scorer.Model, scorer.Threshold);
            metrics.ModelSwapped(Product);
            LogInstalled(scorer.Model.Name, hash);
            RemoveOthers(target);
            return scorer.Model;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or (IOException and not BadHttpRequestException))
        {
            throw new RefusedException(StatusCodes.Status507InsufficientStorage, "not-stored", $"The model was not taken, the one in use stays: {exception.Message}", exception);
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
            return loader.Load(path, isSent: true, options.Threshold);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever it is, the sent file is at fault: the model in use was loaded by the same steps.
            File.Delete(path);
            throw new RefusedException(StatusCodes.Status422UnprocessableEntity, "model-rejected", $"The model was not taken, the one in use stays: {exception.Message.Replace(path, "the sent file", StringComparison.Ordinal)}", exception);
        }
    }

    private void Remember(string hash)
    {
        Note note = new(hash, HashOf(options.Model));
        AtomicFile.Write(NotePath, stream => JsonSerializer.Serialize(stream, note));
    }

    /// <summary>The model that was sent, if it is still to be used and still whole. Whatever is wrong with it, there is the configured one.</summary>
    private IScorer? LoadInstalled()
    {
        try
        {
            if (!File.Exists(NotePath)) return null;
            Note? note = JsonSerializer.Deserialize<Note>(File.ReadAllBytes(NotePath));
            if (note?.Hash is null || note.InsteadOf != HashOf(options.Model)) return null;
            string path = PathOf(note.Hash);
            if (HashOf(path) != note.Hash) throw new ModelRejectedException($"{path} is missing or not what was sent.");
            IScorer scorer = loader.Load(path, isSent: true, options.Threshold);
            LogReturning(note.Hash);
            return scorer;
        }
        catch (Exception exception) when (exception is JsonException or ModelRejectedException or IOException or UnauthorizedAccessException)
        {
            LogNotReturning(exception.Message, options.Model);
            return null;
        }
    }

    /// <summary>What was being received when an earlier run was killed.</summary>
    private void RemoveUnfinished()
    {
        if (!Directory.Exists(Folder)) return;
        foreach (string path in Directory.EnumerateFiles(Folder, "*.tmp")) File.Delete(path);
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

    [LoggerMessage(Level = LogLevel.Error, Message = "The model that was sent last cannot be used ({Reason}); using {Model} instead. Send it again")]
    private partial void LogNotReturning(string reason, string model);

    private sealed record Note(string Hash, string InsteadOf);
}
