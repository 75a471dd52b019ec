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

    /// <summary>PostgreSQL, with its own defaults.</summary>
    public static SqlDialect Postgres { get; } = new(
        "PostgreSQL", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "double precision", "bytea", "SET client_min_messages = warning",
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = @table");

    /// <summary>Recognises what a user gave as the database.</summary>
    /// <param name="database">A PostgreSQL connection string or address, or the path of an SQLite file.</param>
    /// <returns>A source of connections that the caller disposes, and its dialect.</returns>
    public static (DbDataSource Source, SqlDialect Dialect) Open(string database)
    {
        if (database.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || database.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase))
        {
            return (NpgsqlDataSource.Create(FromUri(new Uri(database))), Postgres);
        }

        if (database.Contains("Host=", StringComparison.OrdinalIgnoreCase)) return (NpgsqlDataSource.Create(database), Postgres);

        string path = Path.GetFullPath(database);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string connection = new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 5 }.ConnectionString;
        return (SqliteFactory.Instance.CreateDataSource(connection), Sqlite);
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
