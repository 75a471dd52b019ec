using CobraAD.Attacks;
using CobraAD.Experiments;
using CobraAD.Experiments.Cells;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Neighbours;

namespace CobraAD.Tests.Experiments.Cells;

public sealed class CellStoreTests
{
    private static CobraOptions Training { get; } = BudgetLimits.For(Budget.Quick, 32).Options;

    private static ExperimentCell Cell { get; } = new() { Dataset = "fmnist", Class = "1", ImageSize = 32, Options = Training, Threat = "linf:4/255", Attacks = ["pgd:steps=3"] };

    [Fact]
    public void A_result_comes_back_as_it_was_kept()
    {
        using TemporaryFolder folder = new();
        CellStore store = new(folder.Path);

        Assert.Null(store.Read(Cell));
        store.Write(Result(Cell, 0.75));

        Assert.True(store.Read(Cell)!.Agrees(Result(Cell, 0.75)));
        Assert.Equal(new CellValue(0.75, 0.5, 1), store.Read(Cell)!.Values["clean.auroc"]);
    }

    [Fact]
    public void The_hash_changes_with_every_option_and_the_model_s_only_with_the_training()
    {
        ExperimentCell wider = Cell with { Threat = "linf:8/255" };
        ExperimentCell scored = Cell with { Options = Training with { Score = CobraScore.Sum } };
        ExperimentCell longer = Cell with { Options = Training with { Epochs = 17 } };

        Assert.Equal(4, new[] { Cell, wider, scored, longer }.Select(cell => cell.Hash()).Distinct().Count());
        Assert.Equal(Cell.ModelHash(), wider.ModelHash());
        Assert.Equal(Cell.ModelHash(), scored.ModelHash());
        Assert.NotEqual(Cell.ModelHash(), longer.ModelHash());
    }

    [Fact]
    public void The_hash_of_a_cell_does_not_change_unnoticed()
    {
        // Stores outlive versions: whoever adds an option to a cell or to COBRA sees here that all results are computed anew.
        Assert.Equal("daa8d1c8ffdcfefa", Cell.Hash()[..16]);
        Assert.Equal("3c62e98ee5023a95", Cell.ModelHash()[..16]);
    }

    [Fact]
    public void A_cell_of_another_method_comes_back_with_its_options()
    {
        using TemporaryFolder folder = new();
        CellStore store = new(folder.Path);
        ExperimentCell cell = Cell with { Options = new Dn2Options { Seed = 3, Neighbours = 5 }, BackboneSha256 = "abc" };

        store.Write(Result(cell, 0.75));

        Dn2Options options = Assert.IsType<Dn2Options>(store.Read(cell)!.Cell.Options);
        Assert.Equal((3, 5), (options.Seed, options.Neighbours));
        Assert.NotEqual(cell.ModelHash(), (cell with { BackboneSha256 = "abd" }).ModelHash());
        Assert.NotEqual(cell.Hash(), Cell.Hash());
        Assert.Contains("\"method\": \"dn2\"", File.ReadAllText(store.CellPath(cell)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_of_a_method_that_this_version_lacks_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        CellStore store = new(folder.Path);
        ExperimentCell cell = Cell with { Options = new Dn2Options() };
        store.Write(Result(cell, 0.75));
        File.WriteAllText(store.CellPath(cell), File.ReadAllText(store.CellPath(cell)).Replace("\"dn2\"", "\"dn3\"", StringComparison.Ordinal));

        ExperimentException damaged = Assert.Throws<ExperimentException>(() => store.Read(cell));

        Assert.Contains("no detection method 'dn3'", damaged.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "is damaged")]
    [InlineData("", "is damaged")]
    [InlineData("{ \"hash\": 1 }", "is damaged")]
    public void A_damaged_cell_is_named_with_its_remedy(string content, string expected)
    {
        using TemporaryFolder folder = new();
        CellStore store = new(folder.Path);
        store.Write(Result(Cell, 0.75));
        File.WriteAllText(store.CellPath(Cell), content);

        ExperimentException damaged = Assert.Throws<ExperimentException>(() => store.Read(Cell));

        Assert.Contains(expected, damaged.Message, StringComparison.Ordinal);
        Assert.Contains(store.CellPath(Cell), damaged.Message, StringComparison.Ordinal);
        Assert.Contains("Delete it", damaged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_whose_description_was_edited_is_refused()
    {
        using TemporaryFolder folder = new();
        CellStore store = new(folder.Path);
        store.Write(Result(Cell, 0.75));
        File.WriteAllText(store.CellPath(Cell), File.ReadAllText(store.CellPath(Cell)).Replace("linf:4/255", "linf:1/255", StringComparison.Ordinal));

        ExperimentException changed = Assert.Throws<ExperimentException>(() => store.Read(Cell));

        Assert.Contains("was changed after it was written", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_option_under_an_old_store_is_named()
    {
        using TemporaryFolder folder = new();
        CellStore store = new(folder.Path);
        store.Plan("table6", [new PlannedCell("fmnist 1 / CL / seed 0", Cell)]);
        store.Plan("table6", [new PlannedCell("fmnist 1 / CL / seed 0", Cell), new PlannedCell("fmnist 2 / CL / seed 0", Cell with { Class = "2" })]);

        ExperimentException changed = Assert.Throws<ExperimentException>(
            () => store.Plan("table6", [new PlannedCell("fmnist 1 / CL / seed 0", Cell with { Options = Training with { Epochs = 99 } })]));

        Assert.Contains("options.epochs is 99, was 16", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merging_takes_over_what_belongs_and_refuses_what_does_not()
    {
        using TemporaryFolder here = new(), there = new();
        CellStore store = new(here.Path), other = new(there.Path);
        ExperimentCell second = Cell with { Class = "2" };
        PlannedCell[] planned = [new("one", Cell), new("two", second)];
        other.Write(Result(Cell, 0.75));

        Assert.Equal(1, store.Merge(there.Path, planned));
        Assert.Equal(0, store.Merge(there.Path, planned));

        other.Write(Result(second with { Threat = "linf:9/255" }, 0.5));
        ExperimentException foreign = Assert.Throws<ExperimentException>(() => store.Merge(there.Path, planned));
        Assert.Contains("threat is \"linf:9/255\", was \"linf:4/255\"", foreign.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merging_refuses_other_numbers_for_the_same_cell()
    {
        using TemporaryFolder here = new(), there = new();
        CellStore store = new(here.Path);
        store.Write(Result(Cell, 0.75));
        new CellStore(there.Path).Write(Result(Cell, 0.7));

        ExperimentException different = Assert.Throws<ExperimentException>(() => store.Merge(there.Path, [new PlannedCell("one", Cell)]));

        Assert.Contains("different numbers", different.Message, StringComparison.Ordinal);
    }

    private static CellResult Result(ExperimentCell cell, double auroc) => new(
        cell.Hash(), cell, "data", 3, 27, new Dictionary<string, CellValue> { ["clean.auroc"] = new(auroc, 0.5, 1) }, [], new CellTiming("a machine", 1, 2, 3));
}
