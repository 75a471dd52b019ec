using System.Text.Json;
using System.Text.Json.Nodes;
using CobraAD.Serialization;

namespace CobraAD.Experiments.Cells;

/// <summary>
/// A folder of results: one small file for each cell, which appears complete or not at all; the models that cells share; and for each
/// item the cells it was planned with. Several processes may work in one store.
/// </summary>
/// <param name="folder">The folder; made when missing.</param>
internal sealed class CellStore(string folder)
{
    /// <summary>The folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>Whether a cell has been computed.</summary>
    /// <param name="planned">The cell.</param>
    /// <exception cref="ExperimentException">Its file is damaged, or holds another cell.</exception>
    public bool Has(PlannedCell planned)
    {
        ArgumentNullException.ThrowIfNull(planned);
        return Read(planned.Cell) is not null;
    }

    /// <summary>
    /// Notes the cells that an item consists of. A place that was planned before with other options is refused, so that one table never
    /// mixes numbers of different settings; new places are added.
    /// </summary>
    /// <param name="item">The item's name.</param>
    /// <param name="cells">Its cells.</param>
    /// <exception cref="ExperimentException">A place was planned with other options, or the plan is damaged.</exception>
    public void Plan(string item, IReadOnlyList<PlannedCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        string path = Path.Combine(Folder, "plans", $"{item}.json");
        SortedDictionary<string, JsonNode?> plan = File.Exists(path) ? ReadPlan(path) : new(StringComparer.Ordinal);
        foreach (PlannedCell planned in cells)
        {
            JsonNode now = CobraJson.ToNode(planned.Cell)!;
            if (plan.TryGetValue(planned.Id, out JsonNode? before) && !JsonNode.DeepEquals(before, now))
            {
                throw new ExperimentException(
                    $"The store '{Folder}' has {item} with other options at '{planned.Id}': {JsonDifference.First(before, now)}. Give the earlier options, use another store, or delete {path}.");
            }

            plan[planned.Id] = now;
        }

        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, plan, CobraJson.Options));
    }

    /// <summary>Takes over the results of another store, e.g. from another machine.</summary>
    /// <param name="other">The other store's folder.</param>
    /// <param name="cells">The cells that belong here.</param>
    /// <returns>How many results were new.</returns>
    /// <exception cref="ExperimentException">The other store is missing, a file is damaged, a cell does not belong here, or both stores have it with different numbers.</exception>
    public int Merge(string other, IReadOnlyList<PlannedCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        string source = Path.Combine(other, "cells");
        if (!Directory.Exists(source)) throw new ExperimentException($"'{other}' is not a store: it has no folder 'cells'.");
        HashSet<string> wanted = [.. cells.Select(planned => planned.Cell.Hash())];
        CellResult[] results = [.. Directory.EnumerateFiles(source, "*.json").Order(StringComparer.Ordinal).Select(ReadFile)];
        foreach (CellResult result in results)
        {
            if (!wanted.Contains(result.Hash)) throw Mismatch(other, result, cells);
            if (Read(result.Cell) is { } existing && !existing.Agrees(result))
                throw new ExperimentException($"Both '{Folder}' and '{other}' have the cell '{result.Cell}', with different numbers. One of them was computed on other data or with another version; delete that one.");
        }

        CellResult[] added = [.. results.Where(result => Read(result.Cell) is null)];
        foreach (CellResult result in added) Write(result);
        return added.Length;
    }

    /// <summary>Where the model of a cell is kept.</summary>
    internal string ModelPath(ExperimentCell cell) => Path.Combine(Folder, "models", $"{cell.ModelHash()[..16]}.cobra");

    /// <summary>The file of a cell.</summary>
    internal string CellPath(ExperimentCell cell) => Path.Combine(Folder, "cells", $"{cell.Hash()[..16]}.json");

    /// <summary>The result of a cell, or <see langword="null"/> when it has not been computed.</summary>
    /// <exception cref="ExperimentException">The file is damaged, or holds another cell.</exception>
    internal CellResult? Read(ExperimentCell cell)
    {
        string path = CellPath(cell);
        if (!File.Exists(path)) return null;
        CellResult result = ReadFile(path);
        return result.Hash == cell.Hash()
            ? result
            : throw new ExperimentException($"{path} holds another cell ({result.Cell}) than its name says ({cell}). Delete it to compute the cell again.");
    }

    /// <summary>Keeps a result.</summary>
    internal void Write(CellResult result) => AtomicFile.Write(CellPath(result.Cell), stream => JsonSerializer.Serialize(stream, result, CobraJson.Options));

    private static ExperimentException Mismatch(string other, CellResult result, IReadOnlyList<PlannedCell> cells)
    {
        ExperimentCell? nearest = cells.Select(planned => planned.Cell).FirstOrDefault(cell => cell.ToString() == result.Cell.ToString());
        string difference = nearest is null ? "no cell of this item has its data set, class and seed" : JsonDifference.First(CobraJson.ToNode(nearest), CobraJson.ToNode(result.Cell));
        return new ExperimentException($"'{other}' has a cell that does not belong here: '{result.Cell}' ({difference}). Nothing was merged; reproduce with the options that it was made with.");
    }

    private static CellResult ReadFile(string path)
    {
        CellResult result;
        try
        {
            result = JsonSerializer.Deserialize<CellResult>(File.ReadAllText(path), CobraJson.Options) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException exception)
        {
            throw new ExperimentException($"{path} is damaged: {exception.Message} Delete it to compute the cell again.", exception);
        }

        return result.Hash == result.Cell.Hash()
            ? result
            : throw new ExperimentException($"{path} was changed after it was written: its description has the hash {result.Cell.Hash()[..16]}, the file says {result.Hash[..Math.Min(16, result.Hash.Length)]}. Delete it to compute the cell again.");
    }

    private static SortedDictionary<string, JsonNode?> ReadPlan(string path)
    {
        try
        {
            return new(JsonSerializer.Deserialize<Dictionary<string, JsonNode?>>(File.ReadAllText(path), CobraJson.Options) ?? throw new JsonException("It is empty."), StringComparer.Ordinal);
        }
        catch (JsonException exception)
        {
            throw new ExperimentException($"{path} is damaged: {exception.Message} Delete it; results are kept.", exception);
        }
    }
}
