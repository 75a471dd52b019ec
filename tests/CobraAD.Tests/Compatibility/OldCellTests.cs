using System.Text.Json;
using CobraAD.Attacks;
using CobraAD.Experiments;
using CobraAD.Experiments.Cells;
using CobraAD.Experiments.Paper;
using CobraAD.Serialization;

namespace CobraAD.Tests.Compatibility;

/// <summary>
/// A store of results that an older version filled: weeks of computing on somebody's machine. Its cells are read and found by their names as ever; the
/// items of today ask for others (attacks, held-out images), and say so instead of mixing the two.
/// </summary>
public sealed class OldCellTests
{
    [Fact]
    public void Its_cells_are_found_by_the_names_that_their_descriptions_give_them()
    {
        CellStore store = new(OldFiles.Path("store"));

        ExperimentCell[] cells = Cells();

        Assert.Equal(CellFiles(), Names(cell => Path.GetRelativePath(store.Folder, store.CellPath(cell))));
        Assert.All(cells, cell => Assert.NotNull(store.Read(cell)));
        IEnumerable<string> models = OldFiles.Expected["sharedModels"]!.AsArray().Select(name => (string)name!);
        Assert.Equal(models, Names(cell => Path.GetFileName(store.ModelPath(cell))));

        IEnumerable<string> Names(Func<ExperimentCell, string> name) => cells.Select(name).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void They_count_as_done()
    {
        using TemporaryFolder folder = new();
        CellStore store = Copy(folder);
        // The data set has no image, so whoever computes a cell again fails.
        Directory.CreateDirectory(folder.File("data/fmnist"));
        CellRunner runner = new(folder.File("data"), store);

        CellResult[] results = [.. Cells().Select(cell => runner.Result(cell))];

        Assert.Equal(2, results.Length);
        Assert.All(results, result => Assert.InRange(result.Values["clean.auroc"].Value, 0.0, 1.0));
        Assert.All(results, result => Assert.Null(result.Scores));
        AssertSameText(store, CellFiles());
    }

    [Fact]
    public void Written_again_they_are_the_same_text()
    {
        using TemporaryFolder folder = new();
        CellStore store = Copy(folder);

        foreach (ExperimentCell cell in Cells()) store.Write(store.Read(cell)!);

        AssertSameText(store, CellFiles());
    }

    [Fact]
    public void Today_s_plan_of_the_item_is_another_and_is_refused_with_what_differs()
    {
        using TemporaryFolder folder = new();
        CellStore store = Copy(folder);
        Directory.CreateDirectory(folder.File("data/fmnist"));
        PaperItem planned = PaperPlan.Make("table2", new ReproductionOptions
        {
            Data = folder.File("data"),
            Budget = Budget.Smoke,
            Datasets = ["fmnist"],
            Classes = ["1"],
            Methods = ["cobra", "deepsvdd"],
        });

        ExperimentException refused = Assert.Throws<ExperimentException>(() => store.Plan(planned.Name, planned.Cells));

        Assert.Contains("with other options", refused.Message, StringComparison.Ordinal);
        Assert.Contains("use another store", refused.Message, StringComparison.Ordinal);
        AssertSameText(store, ["plans/table2.json"]);
    }

    /// <summary>The cells of the old plan of <c>cobra reproduce table2 --budget smoke --datasets fmnist --classes 1 --methods cobra deepsvdd</c>.</summary>
    private static ExperimentCell[] Cells() =>
        [.. JsonSerializer.Deserialize<Dictionary<string, ExperimentCell>>(File.ReadAllText(OldFiles.Path("store/plans/table2.json")), CobraJson.Options)!.Values];

    private static string[] CellFiles() =>
        [.. Directory.EnumerateFiles(OldFiles.Path("store/cells")).Select(path => $"cells/{Path.GetFileName(path)}").Order(StringComparer.Ordinal)];

    private static void AssertSameText(CellStore store, IEnumerable<string> names) =>
        Assert.All(names, name => Assert.Equal(File.ReadAllText(OldFiles.Path($"store/{name}")), File.ReadAllText(Path.Combine(store.Folder, name))));

    private static CellStore Copy(TemporaryFolder folder)
    {
        foreach (string path in Directory.EnumerateFiles(OldFiles.Path("store"), "*.json", SearchOption.AllDirectories))
        {
            string target = folder.File(OldFiles.NameOf(path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }

        return new CellStore(folder.File("store"));
    }
}
