using System.Threading.Channels;
using CobraAD.Server.Results;
using CobraAD.Server.Scoring;

namespace CobraAD.Server.Watching;

/// <summary>
/// Scores the images that arrive in a folder. The file system's announcements only make it look sooner: it looks at regular intervals
/// anyway, since announcements get lost on network drives and when many files come at once.
/// </summary>
internal sealed partial class FolderWatcher(WatchOptions options, ScoringService scoring, IReadOnlyList<IPartSink> sinks, TimeProvider clock, ServerOptions server, ILogger<FolderWatcher> logger) : BackgroundService
{
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"];

    private readonly ArrivalTracker arrivals = new(options.Settle, clock);
    private readonly PartFiler filer = new(options);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogWatching(options.Folder);
        Channel<bool> announcements = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using FileSystemWatcher system = new(options.Folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
        void Announce(object sender, EventArgs arguments) => announcements.Writer.TryWrite(true);
        system.Created += Announce;
        system.Changed += Announce;
        system.Renamed += Announce;
        system.Error += Announce;
        system.EnableRaisingEvents = true;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await LookAsync(stoppingToken);
                TimeSpan pause = arrivals.IsWaiting && options.Settle < options.Interval ? options.Settle : options.Interval;
                await Task.WhenAny(announcements.Reader.WaitToReadAsync(stoppingToken).AsTask(), Task.Delay(pause, clock, stoppingToken));
                announcements.Reader.TryRead(out _);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Told to stop; a file that was being scored is dealt with next time.
        }
        finally
        {
            foreach (IPartSink sink in sinks) await sink.DisposeAsync();
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        IReadOnlyList<FileInfo> files;
        try
        {
            files = [.. new DirectoryInfo(options.Folder).EnumerateFiles().Where(IsImage)];
        }
        catch (IOException exception)
        {
            // A network drive that is away comes back.
            LogUnreadable(options.Folder, exception.Message);
            return;
        }

        foreach (FileInfo file in arrivals.Complete(files))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!filer.IsTagged(file)) await DealWithAsync(file, cancellation);
            else arrivals.Done(file);
        }
    }

    // A link could lead out of the folder, to be read and moved.
    private static bool IsImage(FileInfo file) =>
        !file.Attributes.HasFlag(FileAttributes.ReparsePoint) && file.LinkTarget is null && Endings.Contains(file.Extension, StringComparer.OrdinalIgnoreCase);

    private async Task DealWithAsync(FileInfo file, CancellationToken cancellation)
    {
        try
        {
            WatchedPart part = await ScoreAsync(file, cancellation);
            foreach (IPartSink sink in sinks) await sink.WriteAsync(part, cancellation);
            filer.File(file, part);
            arrivals.Done(file);
            LogDone(part.File, part.Decision, part.Result?.Score);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ResultStoreException)
        {
            // Still open elsewhere, gone again, or the disk or database has a problem: tried again at the next look.
            LogLater(file.Name, exception.Message);
        }
    }

    private async Task<WatchedPart> ScoreAsync(FileInfo file, CancellationToken cancellation)
    {
        try
        {
            if (file.Length > server.MaxImageBytes) throw RefusedException.TooManyBytes("The file", server.MaxImageBytes, nameof(server.MaxImageBytes));
            byte[] image = await ReadAsync(file, cancellation);
            PartResult result = await scoring.ScoreAsync(file.Name, "watch", image, cancellation);
            return new WatchedPart(file.Name, clock.GetUtcNow(), result, null);
        }
        catch (RefusedException exception) when (exception.Status != StatusCodes.Status503ServiceUnavailable)
        {
            return new WatchedPart(file.Name, clock.GetUtcNow(), null, exception.Message);
        }
        catch (RefusedException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private static async Task<byte[]> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        // FileShare.Read fails on Windows while a writer has the file open: then it is not complete.
        await using FileStream stream = new(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        byte[] bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Watching {Folder}")]
    private partial void LogWatching(string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "{File}: {Decision}, score {Score}")]
    private partial void LogDone(string file, string decision, double? score);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} is tried again later: {Reason}")]
    private partial void LogLater(string file, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Folder} cannot be listed: {Reason}")]
    private partial void LogUnreadable(string folder, string reason);
}
