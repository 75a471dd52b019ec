using CobraAD.Attacks;
using CobraAD.Experiments;
using CobraAD.Experiments.Cells;
using CobraAD.Experiments.Paper;

namespace CobraAD.Tests.Compatibility;

/// <summary>A store of results that an older version filled: weeks of computing on somebody's machine.</summary>
public sealed class OldCellTests
{
    [Fact]
    public void Its_cells_are_found_by_the_names_that_the_plan_gives_them_now()
    {
        using TemporaryFolder folder = new();
        CellStore store = new(OldFiles.Path("store"));

        PaperItem planned = Plan(folder);

        Assert.Equal(CellFiles(), Names(cell => Path.GetRelativePath(store.Folder, store.CellPath(cell))));
        Assert.All(planned.Cells, cell => Assert.NotNull(store.Read(cell.Cell)));
        IEnumerable<string> models = OldFiles.Expected["sharedModels"]!.AsArray().Select(name => (string)name!);
        Assert.Equal(models, Names(cell => Path.GetFileName(store.ModelPath(cell))));

        IEnumerable<string> Names(Func<ExperimentCell, string> name) => planned.Cells.Select(cell => name(cell.Cell)).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void They_count_as_done()
    {
        using TemporaryFolder folder = new();
        CellStore store = Copy(folder);
        PaperItem planned = Plan(folder);
        // The data set has no image, so whoever computes a cell again fails.
        CellRunner runner = new(folder.File("data"), store);

        CellResult[] results = [.. planned.Cells.Select(cell => runner.Result(cell.Cell))];

        Assert.Equal(2, results.Length);
        Assert.All(results, result => Assert.InRange(result.Values["clean.auroc"].Value, 0.0, 1.0));
        AssertSameText(store, CellFiles());
    }

    [Fact]
    public void Written_again_they_are_the_same_text()
    {
        using TemporaryFolder folder = new();
        CellStore store = Copy(folder);

        foreach (PlannedCell planned in Plan(folder).Cells) store.Write(store.Read(planned.Cell)!);

        AssertSameText(store, CellFiles());
    }

    [Fact]
    public void The_old_plan_and_today_s_agree()
    {
        using TemporaryFolder folder = new();
        CellStore store = Copy(folder);
        PaperItem planned = Plan(folder);

        // Refuses a plan with other options.
        store.Plan(planned.Name, planned.Cells);

        AssertSameText(store, ["plans/table2.json"]);
    }

    private static string[] CellFiles() =>
        [.. Directory.EnumerateFiles(OldFiles.Path("store/cells")).Select(path => $"cells/{Path.GetFileName(path)}").Order(StringComparer.Ordinal)];

    private static void AssertSameText(CellStore store, IEnumerable<string> names) =>
        Assert.All(names, name => Assert.Equal(File.ReadAllText(OldFiles.Path($"store/{name}")), File.ReadAllText(Path.Combine(store.Folder, name))));

    /// <summary>What <c>cobra reproduce table2 --budget smoke --datasets fmnist --classes 1 --methods cobra deepsvdd</c> plans.</summary>
    private static PaperItem Plan(TemporaryFolder folder)
    {
        Directory.CreateDirectory(folder.File("data/fmnist"));
        return PaperPlan.Make("table2", new ReproductionOptions
        {
            Data = folder.File("data"),
            Budget = Budget.Smoke,
            Datasets = ["fmnist"],
            Classes = ["1"],
            Methods = ["cobra", "deepsvdd"],
        });
    }

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
