using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace CobraAD.Server.Results;

/// <summary>What differs between the two databases: how to connect, the types of the columns, what a new connection must be told.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Identity">Type of a self-numbering key.</param>
/// <param name="Real">Type of a float64 column.</param>
/// <param name="Blob">Type of a column of bytes.</param>
/// <param name="Session">Statement for the writing connection.</param>
/// <param name="ColumnsOf">Query that names the columns of the table @table.</param>
internal sealed record SqlDialect(string Name, string Identity, string Real, string Blob, string Session, string ColumnsOf)
{
    /// <summary>
    /// WAL with a full sync: a commit survives the death of the process and of the machine, readers never wait for the writer.
    /// AUTOINCREMENT so that the number of a pruned result is never given again.
    /// </summary>
    public static SqlDialect Sqlite { get; } = new(
        "SQLite", "INTEGER PRIMARY KEY AUTOINCREMENT", "REAL", "BLOB",
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;",
        "SELECT name FROM pragma_table_info(@table)");

    private static ReadOnlySpan<byte> SqliteStart => "SQLite format 3\0"u8;

    /// <summary>PostgreSQL, with its own defaults.</summary>
    public static SqlDialect Postgres { get; } = new(
        "PostgreSQL", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "double precision", "bytea", "SET client_min_messages = warning",
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = @table");

    /// <summary>Recognises what a user gave as the database.</summary>
    /// <param name="database">A PostgreSQL connection string or address, or the path of an SQLite file.</param>
    /// <returns>A source of connections that the caller disposes, and its dialect.</returns>
    /// <exception cref="ArgumentException">It is none of these, or a file of another kind.</exception>
    public static (DbDataSource Source, SqlDialect Dialect) Open(string database)
    {
        if (database.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || database.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase))
        {
            return (Uri.TryCreate(database, UriKind.Absolute, out Uri? address) && address.Host.Length > 0 ? Connect(FromUri(address)) : throw NotPostgres(null), Postgres);
        }

        if (database.Contains("Host=", StringComparison.OrdinalIgnoreCase)) return (Connect(database), Postgres);

        string path = Path.GetFullPath(database);
        RequireSqlite(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string connection = new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 5 }.ConnectionString;
        return (SqliteFactory.Instance.CreateDataSource(connection), Sqlite);
    }

    private static NpgsqlDataSource Connect(string connection)
    {
        try
        {
            return NpgsqlDataSource.Create(connection);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or NotSupportedException)
        {
            throw NotPostgres(exception);
        }
    }

    /// <summary>Without the text itself, which may have a password in it.</summary>
    private static ArgumentException NotPostgres(Exception? reason) => ServerOptions.Refused(
        nameof(ServerOptions.Database),
        $"Database is no connection to PostgreSQL that can be read{(reason is null ? "" : $" ({reason.Message.Split('\n')[0]})")}; expected postgresql://user:password@host:5432/name, or Host=…;Database=…;Username=….", reason);

    /// <summary>SQLite would say of any other file that it is no database, and not which.</summary>
    private static void RequireSqlite(string path)
    {
        if (Directory.Exists(path)) throw ServerOptions.Refused(nameof(ServerOptions.Database), $"Database is '{path}', which is a folder; name a file.");
        if (!File.Exists(path)) return;
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] start = new byte[SqliteStart.Length];
        // An empty file is an empty database.
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) > 0 && !start.AsSpan().SequenceEqual(SqliteStart))
            throw ServerOptions.Refused(nameof(ServerOptions.Database), $"Database is '{path}', which is not an SQLite database. Name another file; this one was left as it is.");
    }

    private static string FromUri(Uri uri)
    {
        string[] user = uri.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.IsDefaultPort || uri.Port < 0 ? 5432 : uri.Port,
            Database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/')),
            Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
        }.ConnectionString;
    }
}
