namespace CobraAD.Datasets.Formats;

/// <summary>A CSV file with a header and plain fields, as data sets use them for labels.</summary>
internal static class CsvTable
{
    /// <summary>The wanted columns of every row.</summary>
    /// <exception cref="DatasetException">The file is missing or empty, lacks a column, or has a row of another length.</exception>
    public static IReadOnlyList<string[]> Read(string path, params string[] columns)
    {
        if (!File.Exists(path)) throw new DatasetException($"'{path}' is missing.");
        string[] lines = [.. File.ReadLines(path).Where(line => line.Trim().Length > 0)];
        if (lines.Length == 0) throw new DatasetException($"'{path}' is empty; expected a header with {string.Join(", ", columns)}.");
        string[] header = Fields(lines[0]);
        int[] positions = [.. columns.Select(column => Array.IndexOf(header, column))];
        if (positions.Contains(-1)) throw new DatasetException($"'{path}' has the columns {string.Join(", ", header)}; expected {string.Join(", ", columns)} among them.");
        return [.. lines.Skip(1).Select((line, i) => Fields(line) is var fields && fields.Length == header.Length
            ? positions.Select(position => fields[position]).ToArray()
            : throw new DatasetException($"'{path}', row {i + 2}: {fields.Length} fields, the header has {header.Length}."))];
    }

    private static string[] Fields(string line) => [.. line.Split(',').Select(field => field.Trim())];
}
