using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CobraAD.Evaluation.Metrics;
using CobraAD.Experiments.Cells;
using CobraAD.Experiments.Paper;
using CobraAD.Serialization;

namespace CobraAD.Experiments;

/// <summary>An item of the paper with our numbers beside the published ones.</summary>
public sealed record ReproductionReport
{
    internal ReproductionReport(PaperItem item, IReadOnlyList<ReproductionRow> rows, IReadOnlyList<string> remarks)
    {
        Name = item.Name;
        Title = item.Title;
        Budget = item.Budget;
        Rows = rows;
        LeftOut = item.LeftOut;
        Notes = item.Notes;
        Remarks = remarks;
    }

    /// <summary>The item.</summary>
    public string Name { get; }

    /// <summary>What it shows.</summary>
    public string Title { get; }

    /// <summary>The budget of our numbers, once for each resolution.</summary>
    public IReadOnlyList<string> Budget { get; }

    /// <summary>The numbers.</summary>
    [JsonInclude]
    internal IReadOnlyList<ReproductionRow> Rows { get; }

    /// <summary>What is missing, and why.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>What is wrong with the item as printed.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>What the cells say about their numbers.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <summary>Whether every number is there.</summary>
    public bool IsComplete => Rows.All(row => row.Ours is not null);

    /// <summary>Puts together what a store has of an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="store">The store.</param>
    /// <exception cref="ExperimentException">A kept result is damaged.</exception>
    internal static ReproductionReport From(PaperItem item, CellStore store)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(store);
        Dictionary<string, CellResult?> results = item.Cells.ToDictionary(planned => planned.Id, planned => store.Read(planned.Cell));
        return new ReproductionReport(
            item, [.. item.Entries.Select(entry => Row(entry, [.. entry.Cells.Select(planned => results[planned.Id])]))],
            [.. results.Values.OfType<CellResult>().SelectMany(result => result.Remarks).Distinct()]);
    }

    /// <summary>The report as Markdown.</summary>
    public string ToMarkdown()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# {Name}: {Title}\n\n");
        foreach (string budget in Budget) text.Append(CultureInfo.InvariantCulture, $"- Budget {budget}.\n");
        if (Rows.Count > 0)
        {
            text.Append("\nIntervals are 95 %: over resampled test images; cells of a mean that share images are resampled together. The trainings stay as they are: how much another seed changes says --seeds. n is normal + anomalous test images over all cells.\n\n");
            text.Append("| row | column | quantity | ours | interval | published | difference | cells | n | notes |\n|---|---|---|--:|--:|--:|--:|--:|--:|---|\n");
            ReproductionRow? above = null;
            foreach (ReproductionRow row in Rows)
            {
                // A note on a whole row of the table stands beside its first number only.
                IEnumerable<string> notes = above?.Row != row.Row ? row.Notes : row.Notes.Except(above.Column == row.Column ? above.Notes : PublishedValues.NotesOn(Name, row.Row));
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {row.Row} | {row.Column} | {row.Quantity} | {Ours(row, row.Ours, "not computed")} | {(row.Low is null ? "" : $"{Ours(row, row.Low)} to {Ours(row, row.High)}")} | {Number(row.Published)} | {Number(row.Difference, signed: true)} | {row.Cells} | {row.Normals} + {row.Anomalies} | {string.Join("; ", notes)} |\n");
                above = row;
            }
        }

        Section("Notes on the printed item", Notes);
        Section("What our numbers are", Remarks);
        Section("Left out", LeftOut);
        return text.ToString();

        void Section(string heading, IReadOnlyList<string> lines)
        {
            if (lines.Count > 0) text.Append(CultureInfo.InvariantCulture, $"\n## {heading}\n\n{string.Join('\n', lines.Select(line => $"- {line}"))}\n");
        }
    }

    /// <summary>The rows as CSV with a header.</summary>
    public string ToCsv()
    {
        StringBuilder text = new("item,budget,row,column,quantity,ours,low,high,published,difference,cells,normals,anomalies,notes\n");
        foreach (ReproductionRow row in Rows)
        {
            object?[] fields = [Name, string.Join(" | ", Budget), row.Row, row.Column, row.Quantity, row.Ours, row.Low, row.High, row.Published, row.Difference, row.Cells, row.Normals, row.Anomalies, string.Join("; ", row.Notes)];
            text.AppendJoin(',', fields.Select(Field)).Append('\n');
        }

        return text.ToString();

        static string Field(object? value)
        {
            string field = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            return field.AsSpan().IndexOfAny(",\"\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        }
    }

    /// <summary>Writes NAME.md, NAME.csv and NAME.json.</summary>
    /// <param name="folder">The folder; made when missing.</param>
    /// <returns>The Markdown file.</returns>
    public string Write(string folder)
    {
        string markdown = Path.Combine(folder, $"{Name}.md");
        AtomicFile.Write(markdown, stream => stream.Write(Encoding.UTF8.GetBytes(ToMarkdown())));
        AtomicFile.Write(Path.Combine(folder, $"{Name}.csv"), stream => stream.Write(Encoding.UTF8.GetBytes(ToCsv())));
        AtomicFile.Write(Path.Combine(folder, $"{Name}.json"), stream => JsonSerializer.Serialize(stream, this, CobraJson.Options));
        return markdown;
    }

    private static ReproductionRow Row(PaperEntry entry, CellResult?[] results)
    {
        CellResult[] done = [.. results.OfType<CellResult>()];
        CellValue? ours = done.Length < results.Length || done.Length == 0 ? null : Value(entry, done);
        double? difference = ours is not null && entry.IsComparable ? ours.Value - entry.Published : null;
        return new ReproductionRow(
            entry.Row, entry.Column, entry.Quantity, ours?.Value, ours?.Low, ours?.High, entry.Published, difference, results.Length,
            done.Sum(result => result.Normals), done.Sum(result => result.Anomalies), entry.Notes);
    }

    private static CellValue? Value(PaperEntry entry, CellResult[] results)
    {
        CellValue?[] found = [.. results.Select(result => Of(result, entry.Value))];
        if (found.Any(value => value is null)) return null;
        CellValue[] values = [.. found.OfType<CellValue>().Select(value => new CellValue(value.Value * entry.Scale, value.Low * entry.Scale, value.High * entry.Scale))];
        if (entry.IsDeviation) return Deviation(values, results);
        // One training of each class.
        if (entry.IsTotal) return new CellValue(values.Sum(value => value.Value) / results.Select(result => result.Cell.Options.Seed).Distinct().Count());
        if (values.Length == 1) return values[0];
        double mean = values.Average(value => value.Value);
        if (values.Any(value => value.Low is null)) return new CellValue(mean);
        ConfidenceInterval interval = Joint(entry, results)
            // Nothing is known of what they share: as if it were everything, which is never too narrow.
            ?? new ConfidenceInterval(values.Average(value => value.Low!.Value) / entry.Scale, values.Average(value => value.High!.Value) / entry.Scale);
        return new CellValue(mean, entry.Scale * interval.Low, entry.Scale * interval.High);
    }

    /// <summary>The interval of a mean over cells that kept their scores.</summary>
    private static ConfidenceInterval? Joint(PaperEntry entry, CellResult[] results)
    {
        if (CellScores.Metric(entry.Value) is not { } metric) return null;
        JointMeasurement?[] measurements =
        [
            .. results.Select(result => Of(result, entry.Value) is { Low: { } low, High: { } high }
                ? result.Scores?.Measurement(entry.Value, new ConfidenceInterval(low, high)) : null),
        ];
        return measurements.Any(measurement => measurement is null) ? null : JointInterval.Of([.. measurements.OfType<JointMeasurement>()], metric);
    }

    /// <summary>The sample deviation, over the seeds, of the mean over the classes.</summary>
    private static CellValue? Deviation(CellValue[] values, CellResult[] results)
    {
        double[] means = [.. values.Zip(results).GroupBy(pair => pair.Second.Cell.Options.Seed).Select(seed => seed.Average(pair => pair.First.Value))];
        if (means.Length < 2) return null;
        double mean = means.Average();
        return new CellValue(Math.Sqrt(means.Sum(value => (value - mean) * (value - mean)) / (means.Length - 1)));
    }

    private static CellValue? Of(CellResult result, string name) => name switch
    {
        "timing.training" => result.Timing.TrainingSeconds is { } seconds ? new CellValue(seconds) : null,
        "timing.scoring" => result.Timing.ScoringMilliseconds is { } milliseconds ? new CellValue(milliseconds) : null,
        _ => result.Values.GetValueOrDefault(name),
    };

    /// <summary>Percentages have one decimal like the paper's; what is small by nature needs more.</summary>
    private static string Ours(ReproductionRow row, double? value, string missing = "") =>
        row.Quantity.EndsWith('%') ? value?.ToString("0.0", CultureInfo.InvariantCulture) ?? missing : Number(value, missing);

    private static string Number(double? value, string missing = "", bool signed = false) => value?.ToString(
        signed ? "+0.0;-0.0;0.0" : Math.Abs(value.Value) switch { >= 10 or 0 => "0.0", >= 0.01 => "0.0##", _ => "0.0#e+0" }, CultureInfo.InvariantCulture) ?? missing;
}
