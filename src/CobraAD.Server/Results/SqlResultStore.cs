using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Threading.Channels;

namespace CobraAD.Server.Results;

/// <summary>
/// Results in SQLite or PostgreSQL. One task writes: it takes everything that is waiting into one transaction, so that many requests
/// share one flush to the disk, and each request is answered only after the commit.
/// </summary>
internal sealed partial class SqlResultStore : IResultStore
{
    private const int LargestBatch = 256;
    private const int PruneInterval = 1000;
    private const string Columns = "id, scored_at, name, source, score, calibrated, threshold, is_anomalous, nearest_index, width, height, elapsed_ms, model, robust_margin, product";

    private readonly DbDataSource source;
    private readonly SqlDialect dialect;
    private readonly long limit;
    private readonly ILogger<SqlResultStore> logger;
    private readonly Channel<Waiting> queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(4 * LargestBatch) { SingleReader = true });
    private readonly Task writer;

    /// <param name="source">Connections; the store disposes it.</param>
    /// <param name="dialect">The database's kind.</param>
    /// <param name="limit">The most results to keep; 0 keeps all.</param>
    /// <param name="logger">Told of failed writes.</param>
    public SqlResultStore(DbDataSource source, SqlDialect dialect, long limit, ILogger<SqlResultStore> logger)
    {
        this.source = source;
        this.dialect = dialect;
        this.limit = limit;
        this.logger = logger;
        writer = Task.Factory.StartNew(WriteAllAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await using DbConnection connection = await OpenWriterAsync(cancellation);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = $"""
            CREATE TABLE IF NOT EXISTS cobra_result (
                id {dialect.Identity},
                scored_at bigint NOT NULL,
                name text NOT NULL,
                source text NOT NULL,
                score {dialect.Real} NOT NULL,
                calibrated {dialect.Real} NOT NULL,
                threshold {dialect.Real} NOT NULL,
                is_anomalous smallint NOT NULL,
                nearest_index bigint NOT NULL,
                width integer NOT NULL,
                height integer NOT NULL,
                elapsed_ms {dialect.Real} NOT NULL,
                model text NOT NULL,
                robust_margin {dialect.Real},
                part_key text,
                product text);
            CREATE TABLE IF NOT EXISTS cobra_check (id smallint PRIMARY KEY, checked_at bigint NOT NULL);
            CREATE TABLE IF NOT EXISTS cobra_result_image (
                result_id bigint PRIMARY KEY REFERENCES cobra_result (id) ON DELETE CASCADE,
                thumbnail {dialect.Blob},
                original {dialect.Blob});
            """;
        await command.ExecuteNonQueryAsync(cancellation);
        // Databases that were made before parts had keys, or products.
        IReadOnlySet<string> columns = await ColumnsAsync(connection, cancellation);
        if (!columns.Contains("part_key")) await ExecuteAsync(connection, "ALTER TABLE cobra_result ADD COLUMN part_key text", cancellation);
        if (!columns.Contains("product")) await ExecuteAsync(connection, "ALTER TABLE cobra_result ADD COLUMN product text", cancellation);
        await ExecuteAsync(connection, "CREATE UNIQUE INDEX IF NOT EXISTS cobra_result_part_key ON cobra_result (part_key)", cancellation);
    }

    public async Task<PartResult> AddAsync(PartResult result, StoredImages images, string? key = null)
    {
        Waiting waiting = new(result, images, key, new TaskCompletionSource<PartResult?>(TaskCreationOptions.RunContinuationsAsynchronously));
        await queue.Writer.WriteAsync(waiting);
        return (await waiting.Stored.Task)!;
    }

    public async Task CheckAsync(CancellationToken cancellation)
    {
        Waiting waiting = new(null, new StoredImages(null, null), null, new TaskCompletionSource<PartResult?>(TaskCreationOptions.RunContinuationsAsynchronously));
        await queue.Writer.WriteAsync(waiting, cancellation);
        await waiting.Stored.Task.WaitAsync(cancellation);
    }

    public async Task<IReadOnlyList<PartResult>> ListAsync(ResultQuery query, CancellationToken cancellation)
    {
        await using DbConnection connection = await source.OpenConnectionAsync(cancellation);
        await using DbCommand command = connection.CreateCommand();
        List<string> conditions = [];
        void Where(string condition, string parameter, object? value)
        {
            if (value is null) return;
            conditions.Add(condition);
            Bind(command, parameter, value);
        }

        Where("id < @before", "before", query.Before);
        Where("id > @after", "after", query.After);
        Where("is_anomalous = @anomalous", "anomalous", query.Anomalous is { } anomalous ? (short)(anomalous ? 1 : 0) : null);
        Where("model = @model", "model", query.Model);
        Where("product = @product", "product", query.Product);
        Bind(command, "limit", query.Limit);
        string where = conditions.Count > 0 ? "WHERE " + string.Join(" AND ", conditions) : "";
        command.CommandText = $"SELECT {Columns} FROM cobra_result {where} ORDER BY id DESC LIMIT @limit";
        List<PartResult> results = [];
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) results.Add(Read(reader));
        return results;
    }

    public async Task<PartResult?> FindAsync(long id, CancellationToken cancellation)
    {
        await using DbConnection connection = await source.OpenConnectionAsync(cancellation);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM cobra_result WHERE id = @id";
        Bind(command, "id", id);
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    public async Task<StoredImages?> ImagesAsync(long id, CancellationToken cancellation)
    {
        await using DbConnection connection = await source.OpenConnectionAsync(cancellation);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = "SELECT thumbnail, original FROM cobra_result_image WHERE result_id = @id";
        Bind(command, "id", id);
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) return null;
        return new StoredImages(reader.IsDBNull(0) ? null : reader.GetFieldValue<byte[]>(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1));
    }

    public async ValueTask DisposeAsync()
    {
        if (!queue.Writer.TryComplete()) return;
        await writer;
        await source.DisposeAsync();
    }

    private async Task WriteAllAsync()
    {
        DbConnection? connection = null;
        List<Waiting> batch = [];
        long sincePrune = PruneInterval;
        Queue<Waiting> alone = [];
        while (alone.Count > 0 || await queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            if (alone.TryDequeue(out Waiting? single)) batch.Add(single);
            else while (batch.Count < LargestBatch && queue.Reader.TryRead(out Waiting? waiting)) batch.Add(waiting);
            try
            {
                connection ??= await OpenWriterAsync(CancellationToken.None);
                PartResult?[] stored = await WriteAsync(connection, batch);
                for (int i = 0; i < stored.Length; i++) batch[i].Stored.SetResult(stored[i]);
                sincePrune += stored.Length;
                if (limit > 0 && sincePrune >= PruneInterval)
                {
                    await PruneAsync(connection);
                    sincePrune = 0;
                }
            }
            catch (Exception exception)
            {
                // Whatever it is: this task is the only one that writes, and nobody would be answered any more if it ended.
                LogWriteFailed(exception, batch.Count, dialect.Name);
                await CloseQuietlyAsync(connection);
                connection = null;
                // A value that the database cannot hold is one result's own fault; the others are written without it.
                if (exception is not DbException && batch.Count > 1) batch.ForEach(waiting => alone.Enqueue(waiting));
                else foreach (Waiting waiting in batch) waiting.Stored.TrySetException(new ResultStoreException($"{dialect.Name} did not take the result: {exception.Message}", exception));
            }
        }

        if (connection is not null) await connection.DisposeAsync();
    }

    private static async Task<PartResult?[]> WriteAsync(DbConnection connection, List<Waiting> batch)
    {
        await using DbTransaction transaction = await connection.BeginTransactionAsync();
        PartResult?[] stored = new PartResult?[batch.Count];
        for (int i = 0; i < stored.Length; i++)
        {
            Waiting waiting = batch[i];
            if (waiting.Result is null)
            {
                await NoteCheckAsync(connection, transaction);
                continue;
            }

            if (waiting.Key is not null && await FindAsync(connection, transaction, waiting.Key) is { } earlier)
            {
                stored[i] = earlier;
                continue;
            }

            long id = await InsertAsync(connection, transaction, waiting.Result, waiting.Key);
            if (waiting.Images is not { Thumbnail: null, Original: null }) await InsertAsync(connection, transaction, id, waiting.Images);
            stored[i] = waiting.Result with { Id = id };
        }

        await transaction.CommitAsync();
        return stored;
    }

    private static async Task NoteCheckAsync(DbConnection connection, DbTransaction transaction)
    {
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO cobra_check (id, checked_at) VALUES (1, @at) ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at";
        Bind(command, "at", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<PartResult?> FindAsync(DbConnection connection, DbTransaction transaction, string key)
    {
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"SELECT {Columns} FROM cobra_result WHERE part_key = @key";
        Bind(command, "key", key);
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? Read(reader) : null;
    }

    private static async Task<long> InsertAsync(DbConnection connection, DbTransaction transaction, PartResult result, string? key)
    {
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = """
            INSERT INTO cobra_result (scored_at, name, source, score, calibrated, threshold, is_anomalous, nearest_index, width, height, elapsed_ms, model, robust_margin, part_key, product)
            VALUES (@scored_at, @name, @source, @score, @calibrated, @threshold, @is_anomalous, @nearest_index, @width, @height, @elapsed_ms, @model, @robust_margin, @part_key, @product)
            RETURNING id
            """;
        Bind(command, "scored_at", result.ScoredAt.ToUnixTimeMilliseconds());
        Bind(command, "name", result.Name);
        Bind(command, "source", result.Source);
        Bind(command, "score", result.Score);
        Bind(command, "calibrated", result.Calibrated);
        Bind(command, "threshold", result.Threshold);
        Bind(command, "is_anomalous", (short)(result.IsAnomalous ? 1 : 0));
        Bind(command, "nearest_index", result.NearestIndex);
        Bind(command, "width", result.Width);
        Bind(command, "height", result.Height);
        Bind(command, "elapsed_ms", result.ElapsedMilliseconds);
        Bind(command, "model", result.Model);
        Bind(command, "robust_margin", result.RobustMargin, DbType.Double);
        Bind(command, "part_key", key, DbType.String);
        Bind(command, "product", result.Product, DbType.String);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private static async Task InsertAsync(DbConnection connection, DbTransaction transaction, long id, StoredImages images)
    {
        await using DbCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT INTO cobra_result_image (result_id, thumbnail, original) VALUES (@id, @thumbnail, @original)";
        Bind(command, "id", id);
        Bind(command, "thumbnail", images.Thumbnail, DbType.Binary);
        Bind(command, "original", images.Original, DbType.Binary);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task CloseQuietlyAsync(DbConnection? connection)
    {
        try
        {
            if (connection is not null) await connection.DisposeAsync();
        }
        catch (DbException)
        {
            // It is given up anyway.
        }
    }

    private async Task PruneAsync(DbConnection connection)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = "DELETE FROM cobra_result WHERE id <= (SELECT max(id) FROM cobra_result) - @limit";
        Bind(command, "limit", limit);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<DbConnection> OpenWriterAsync(CancellationToken cancellation)
    {
        DbConnection connection = await source.OpenConnectionAsync(cancellation);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = dialect.Session;
        await command.ExecuteNonQueryAsync(cancellation);
        return connection;
    }

    private async Task<IReadOnlySet<string>> ColumnsAsync(DbConnection connection, CancellationToken cancellation)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = dialect.ColumnsOf;
        Bind(command, "table", "cobra_result");
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellation);
        HashSet<string> columns = [];
        while (await reader.ReadAsync(cancellation)) columns.Add(reader.GetString(0));
        return columns;
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql, CancellationToken cancellation)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static DbParameter Bind(DbCommand command, string name, object? value)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
        return parameter;
    }

    /// <summary>For values that may be missing, whose type PostgreSQL could not guess.</summary>
    private static void Bind(DbCommand command, string name, object? value, DbType type) => Bind(command, name, value).DbType = type;

    private static PartResult Read(DbDataReader reader) => new()
    {
        Id = reader.GetInt64(0),
        ScoredAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)),
        Name = reader.GetString(2),
        Source = reader.GetString(3),
        Score = Finite(reader.GetDouble(4)),
        Calibrated = Finite(reader.GetDouble(5)),
        Threshold = Finite(reader.GetDouble(6)),
        IsAnomalous = reader.GetInt16(7) != 0,
        NearestIndex = reader.GetInt64(8),
        Width = reader.GetInt32(9),
        Height = reader.GetInt32(10),
        ElapsedMilliseconds = reader.GetDouble(11),
        Model = reader.GetString(12),
        RobustMargin = reader.IsDBNull(13) ? null : Finite(reader.GetDouble(13)),
        Product = reader.IsDBNull(14) ? null : reader.GetString(14),
    };

    // Rows that earlier versions wrote may hold what JSON cannot say.
    private static double Finite(double value) => double.IsNaN(value) ? 0 : Math.Clamp(value, double.MinValue, double.MaxValue);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} results could not be written to {Database}")]
    private partial void LogWriteFailed(Exception exception, int count, string database);

    /// <summary>What waits to be written; without a result it only asks whether anything can be.</summary>
    private sealed record Waiting(PartResult? Result, StoredImages Images, string? Key, TaskCompletionSource<PartResult?> Stored);
}
