using System.Security.Cryptography;
using System.Threading.Channels;
using CobraAD.Imaging;
using CobraAD.Server.Results;
using CobraAD.Server.Scoring;

namespace CobraAD.Server.Watching;

/// <summary>
/// Scores the images that arrive in a folder. The file system's announcements only make it look sooner: it looks at regular intervals
/// anyway, since announcements get lost on network drives and when many files come at once. Each part goes through the same steps, and
/// each step is noted before it is taken (<see cref="PartJournal"/>): a retry or a restart goes on with the step that is missing.
/// </summary>
internal sealed partial class FolderWatcher(WatchOptions options, ScoringService scoring, IReadOnlyList<IPartSink> sinks, TimeProvider clock, ServerOptions server, ILogger<FolderWatcher> logger) : BackgroundService
{
    private const string LockName = ".cobra-watch.lock";

    /// <summary>Stands for what all parts need: the folder, the journal, the database, the logs.</summary>
    private const string Everything = "";

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly ArrivalTracker arrivals = new(options.Settle, clock);
    private readonly PartFiler filer = new(options);
    private readonly Backoff retries = new(options.Interval, LongestPause, clock);
    private readonly Channel<bool> announcements = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private FileStream? turn;

    /// <summary>The product whose parts arrive; <see langword="null"/> where there is one model. Set before the watching begins.</summary>
    public string? Product { get; set; }

    private PartJournal journal = null!;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Whoever leaves files as they are may look at a folder in which nothing can be written.
        bool writes = options.Then is not WatchAction.Leave;
        if (writes) turn = OneAtATime.Take(Path.Combine(options.Folder, LockName), $"'{options.Folder}' is being watched by another process.");
        journal = new PartJournal(writes ? options.Folder : null, out string? damage);
        if (damage is not null) LogJournal(PartJournal.FileName, damage);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogWatching(options.Folder);
        using Announcer announcer = new(options.Folder, clock, () => announcements.Writer.TryWrite(true), LogSilent);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                announcer.Listen();
                await TryLookAsync(stoppingToken);
                TimeSpan pause = arrivals.IsWaiting && options.Settle < options.Interval ? options.Settle : options.Interval;
                await PauseAsync(pause, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Told to stop; a file that was being scored is dealt with next time.
        }
        finally
        {
            foreach (IPartSink sink in sinks) await sink.DisposeAsync();
            if (turn is not null) await turn.DisposeAsync();
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellation)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(announcements.Reader.WaitToReadAsync(end.Token).AsTask(), Task.Delay(pause, clock, end.Token));
        await end.CancelAsync();
        announcements.Reader.TryRead(out _);
    }

    /// <summary>No failure of any kind ends the watching: the service would go on as if nothing arrived.</summary>
    private async Task TryLookAsync(CancellationToken cancellation)
    {
        if (!retries.IsDue(Everything)) return;
        try
        {
            await LookAsync(cancellation);
            if (retries.Succeeded(Everything)) LogRecovered(options.Folder);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            string reason = exception is SharedStepException ? exception.Message : $"It cannot be listed: {exception.Message}";
            if (retries.Failed(Everything, reason)) LogUnwell(options.Folder, reason);
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        // A part that some logs have and others do not comes before all others: after a crash each log is asked for its last line only.
        if (journal.Unrecorded is { } unrecorded) await RecordAsync(unrecorded, cancellation);
        List<FileInfo> files = [.. new DirectoryInfo(options.Folder).EnumerateFiles().Where(IsImage)];
        HashSet<string> names = [.. files.Select(file => file.Name)];
        retries.Keep(new HashSet<string>(names) { Everything });
        Shared(() => journal.Close(journal.Files.Where(file => !names.Contains(file))));
        foreach (FileInfo file in arrivals.Complete(files))
        {
            cancellation.ThrowIfCancellationRequested();
            if (retries.IsDue(file.Name)) await TryDealWithAsync(file, cancellation);
        }
    }

    // A link could lead out of the folder, to be read and moved.
    private static bool IsImage(FileInfo file) =>
        ImageNames.Match(file.Name) && !file.Attributes.HasFlag(FileAttributes.ReparsePoint) && file.LinkTarget is null;

    private async Task TryDealWithAsync(FileInfo file, CancellationToken cancellation)
    {
        try
        {
            if (filer.IsTagged(file)) Shared(() => journal.Close(file.Name));
            else await DealWithAsync(file, cancellation);
            arrivals.Done(file);
            if (retries.Succeeded(file.Name)) LogAfterAll(file.Name);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or SharedStepException))
        {
            // Still open elsewhere, gone again, or not to be moved: tried again later. The others go on meanwhile.
            if (retries.Failed(file.Name, exception.Message)) LogLater(file.Name, exception.Message);
        }
    }

    private async Task DealWithAsync(FileInfo file, CancellationToken cancellation)
    {
        file.Refresh();
        FileState state = FileState.Of(file);
        byte[]? image = state.Length > server.MaxImageBytes ? null : await ReadAsync(file, cancellation);
        string? sha256 = image is null ? null : Convert.ToHexStringLower(SHA256.HashData(image));
        OpenPart open = journal.Find(file.Name) is { } known && known.IsOf(state, sha256)
            ? known with { State = state }
            : Shared(() => journal.Note(new OpenPart(Guid.NewGuid().ToString("N"), file.Name, state, sha256, clock.GetUtcNow())));
        if (open.Part is null)
        {
            WatchedPart part = await ScoreAsync(open, image, cancellation);
            open = Shared(() => journal.Note(open with { Part = part }));
        }

        if (!open.IsRecorded) open = await RecordAsync(open, cancellation);
        filer.File(file, open);
        Shared(() => journal.Close(open.File));
        LogDone(open.File, open.Part!.Decision, open.Part.Result?.Score);
    }

    private async Task<OpenPart> RecordAsync(OpenPart open, CancellationToken cancellation)
    {
        try
        {
            foreach (IPartSink sink in sinks) await sink.WriteAsync(open.Part!, cancellation);
            return journal.Note(open with { IsRecorded = true });
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new SharedStepException($"{open.File} cannot be recorded: {exception.Message}", exception);
        }
    }

    private async Task<WatchedPart> ScoreAsync(OpenPart open, byte[]? image, CancellationToken cancellation)
    {
        try
        {
            if (image is null) throw RefusedException.TooManyBytes("The file", server.MaxImageBytes, nameof(server.MaxImageBytes));
            PartResult result = await scoring.ScoreAsync(open.File, "watch", image, cancellation, open.Key, Product);
            return new WatchedPart(open.File, open.SeenAt, result, null) { Sha256 = open.Sha256 };
        }
        catch (RefusedException exception) when (exception.Status != StatusCodes.Status503ServiceUnavailable)
        {
            return new WatchedPart(open.File, open.SeenAt, null, exception.Message) { Sha256 = open.Sha256 };
        }
        catch (Exception exception) when (exception is RefusedException or ResultStoreException)
        {
            throw new SharedStepException($"{open.File} cannot be scored now: {exception.Message}", exception);
        }
    }

    private static async Task<byte[]> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        // Opening a file of a drive that is away can take for ever, and being told to stop must not wait for it.
        await using FileStream stream = await Task.Run(
            // FileShare.Read fails on Windows while a writer has the file open: then it is not complete.
            () => new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true), cancellation).WaitAsync(cancellation);
        byte[] bytes = new byte[file.Length];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }

    /// <summary>A step whose failure is no file's own: no other file would fare better.</summary>
    private static void Shared(Action step) => Shared(() =>
    {
        step();
        return true;
    });

    private static T Shared<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception exception)
        {
            throw new SharedStepException($"The journal cannot be written: {exception.Message}", exception);
        }
    }

    private sealed class SharedStepException(string message, Exception inner) : Exception(message, inner);

    [LoggerMessage(Level = LogLevel.Information, Message = "Watching {Folder}")]
    private partial void LogWatching(string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "{File}: {Decision}, score {Score}")]
    private partial void LogDone(string file, string decision, double? score);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} is tried again later, ever more rarely: {Reason}")]
    private partial void LogLater(string file, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} was dealt with after all")]
    private partial void LogAfterAll(string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "Nothing of {Folder} can be dealt with until this is mended: {Reason}")]
    private partial void LogUnwell(string folder, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Folder} is dealt with again")]
    private partial void LogRecovered(string folder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Folder} announces nothing, it is looked at every so often: {Reason}")]
    private partial void LogSilent(string folder, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Journal} is damaged; a part that was being dealt with may be recorded twice: {Reason}")]
    private partial void LogJournal(string journal, string reason);
}
