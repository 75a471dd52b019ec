using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using CobraAD.Attacks;
using CobraAD.Evaluation.Metrics;
using CobraAD.Experiments;
using CobraAD.Experiments.Cells;
using CobraAD.Experiments.Figures;
using CobraAD.Experiments.Paper;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Neighbours;
using CobraAD.Methods.Released;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Serialization.Tensors;
using static TorchSharp.torch;

namespace CobraAD.Tests.Experiments;

public sealed class ReproductionTests
{
    public static TheoryData<string> Items => [.. PaperPlan.Names];

    [Theory]
    [MemberData(nameof(Items))]
    public void Every_item_is_planned_for_the_data_at_hand(string name)
    {
        using TemporaryFolder folder = new();

        PaperItem item = PaperPlan.Make(name, Options(SmallData.Write(folder.Path)));

        Assert.NotEmpty(item.Title);
        Assert.All(item.Cells, planned => Assert.Equal("fmnist", planned.Cell.Dataset));
        Assert.All(item.Cells, planned => planned.Cell.Options.Validate());
        Assert.Equal(item.Cells.Count, item.Pieces.Sum(piece => piece.Count));
        Assert.True(item.Cells.Count > 0 || item.LeftOut.Count > 0 || name is "figure1");
    }

    [Fact]
    public void An_item_covers_the_whole_paper()
    {
        Assert.Equal([.. Enumerable.Range(1, 21).Select(i => $"table{i}"), .. Enumerable.Range(1, 5).Select(i => $"figure{i}")], PaperPlan.Names);
    }

    [Theory]
    [InlineData("table2", "FMNIST", "COBRA", 93.1, 89.6)]
    [InlineData("table2", "FMNIST", "PrincipaLS", 92.5, 69.2)]
    [InlineData("table13", "FMNIST", "DeepSVDD", 48.1, 48.1)]
    [InlineData("table5", "FMNIST", "CSI", 89.5, 82.6)]
    [InlineData("table5", "FMNIST", "VOS", 68.2, 61.9)]
    [InlineData("table5", "FMNIST", "GOE-small", 73.9, 64.1)]
    [InlineData("table5", "FMNIST", "FITYMI-small", 71.7, 62.0)]
    [InlineData("table6", "FMNIST", "SupCL", 91.5, 83.2)]
    [InlineData("table9", "FMNIST", "COBRA, clean training", 93.4, 3.8)]
    [InlineData("table10", "FMNIST", "A'", 88.5, 84.8)]
    [InlineData("table12", "FMNIST", "COBRA, no threshold", 90.1, 86.5)]
    public void The_published_numbers_stand_beside_ours(string name, string row, string column, double clean, double attacked)
    {
        using TemporaryFolder folder = new();

        PaperItem item = PaperPlan.Make(name, Options(SmallData.Write(folder.Path)));

        Assert.Equal([clean, attacked], item.Entries.Where(entry => entry.Row == row && entry.Column == column).Select(entry => entry.Published).OfType<double>());
    }

    [Theory]
    [InlineData("table5", "VOS")]
    [InlineData("table8", "GOE-small")]
    public void A_stand_in_is_computed_and_marked_as_one(string name, string column)
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path));
        PaperItem item = PaperPlan.Make(name, options);
        CellStore store = new(results.Path);
        PaperEntry entry = item.Entries.First(candidate => candidate.Column == column);

        CellResult result = new CellRunner(options.Data, store).Result(entry.Cells[0].Cell);
        ReproductionRow row = ReproductionReport.From(item, store).Rows.First(candidate => candidate.Column == column);

        Assert.Contains(result.Remarks, remark => remark.StartsWith(column == "VOS" ? "pseudo-anomalies: virtual outliers" : $"pseudo-anomalies: {column}", StringComparison.Ordinal));
        Assert.NotNull(row.Ours);
        Assert.NotNull(row.Published);
        Assert.Null(row.Difference);
        Assert.Contains(row.Notes, note => note.Contains("stand-in", StringComparison.Ordinal) || note.Contains("this library's loss", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sweep_trains_once_and_nests_its_radii()
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path));
        PaperItem item = PaperPlan.Make("table14", options);
        CellStore store = new(results.Path);

        CellResult result = new CellRunner(options.Data, store).Result(item.Cells.Single().Cell);
        IReadOnlyList<ReproductionRow> rows = ReproductionReport.From(item, store).Rows;

        Assert.Equal(9, item.Entries.Count);
        Assert.Equal(89.1, item.Entries[^1].Published);
        Assert.Equal(result.Values["clean.auroc"], result.Values["0/255.union.auroc"]);
        Assert.Equal([.. rows.Select(row => row.Ours!.Value).OrderDescending()], rows.Select(row => row.Ours!.Value));
    }

    [Fact]
    public void Every_number_under_attack_has_PGD_and_APGD_with_stand_ins_behind_it()
    {
        using TemporaryFolder folder = new();
        string data = SmallData.Write(folder.Path);

        ExperimentCell[] cells = [.. PaperPlan.Names.SelectMany(name => PaperPlan.Make(name, Options(data)).Cells).Select(planned => planned.Cell)
            .Where(cell => cell.Measure is CellMeasure.Robustness or CellMeasure.Epochs)];

        Assert.NotEmpty(cells);
        Assert.All(cells, cell =>
        {
            Assert.Contains(cell.Attacks, attack => attack.StartsWith("apgd:", StringComparison.Ordinal) && attack.Contains("surrogates=true", StringComparison.Ordinal));
            Assert.Contains(cell.Attacks, attack => attack.StartsWith("pgd:", StringComparison.Ordinal) || attack.StartsWith("autoattack:", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Nothing_is_held_out_of_a_cell_s_training()
    {
        using TemporaryFolder folder = new();

        PaperItem item = PaperPlan.Make("table2", Options(SmallData.Write(folder.Path)));

        Assert.All(item.Cells, planned => Assert.Equal(0, planned.Cell.Options.Calibration.HeldOut(1000)));
    }

    [Theory]
    [InlineData("table6", "COBRA")]
    [InlineData("table12", "COBRA, no threshold")]
    [InlineData("table5", "Ours")]
    public void Losses_filters_and_sources_are_compared_under_two_scores_of_the_same_network(string name, string column)
    {
        using TemporaryFolder folder = new();
        PaperItem item = PaperPlan.Make(name, Options(SmallData.Write(folder.Path)));

        ExperimentCell Cell(string wanted) => item.Entries.First(entry => entry.Column == wanted).Cells[0].Cell;

        Assert.Equal(CobraScore.Similarity, Cell(column).Cobra.Score);
        Assert.Equal(CobraScore.Smooth, Cell($"{column}, smooth").Cobra.Score);
        Assert.Equal(Cell(column).ModelHash(), Cell($"{column}, smooth").ModelHash());
    }

    [Fact]
    public void The_classification_loss_alone_is_scored_by_the_classifier_that_it_trains()
    {
        using TemporaryFolder folder = new();

        PaperItem item = PaperPlan.Make("table6", Options(SmallData.Write(folder.Path)));

        Assert.All(item.Cells.Where(planned => planned.Cell.Cobra.Contrastive.Name == "none"), planned => Assert.True(CobraScores.NeedsClassifier(planned.Cell.Cobra.Score)));
        Assert.Equal(2, item.Cells.Count(planned => planned.Cell.Cobra.Contrastive.Name == "none"));
    }

    [Fact]
    public void The_time_of_a_training_has_that_of_the_classifier_C_in_it()
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path));
        PaperItem item = PaperPlan.Make("figure5", options);
        CellRunner runner = new(options.Data, new CellStore(results.Path));

        CellResult result = runner.Result(item.Cells[0].Cell);
        using CobraDetector detector = CobraDetector.Load(Directory.GetFiles(Path.Combine(results.Path, "models")).Single());

        Assert.True(detector.Card.Health.PseudoAnomalies.PreparationSeconds > 0);
        Assert.Equal(detector.Card.Health.PseudoAnomalies.PreparationSeconds + detector.Card.Health.TrainingSeconds, result.Timing.TrainingSeconds!.Value, 1e-9);
    }

    [Fact]
    public void Hours_of_all_classes_are_those_of_one_training_each_whatever_the_number_of_seeds()
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path)) with { Seeds = 2, Classes = ["0", "1"], Methods = ["cobra"] };
        PaperEntry minutes = PaperPlan.Make("table2", options).Entries[0] with { Value = "timing.training", Scale = 1 / 60.0 };
        CellStore store = new(results.Path);
        CellRunner runner = new(options.Data, store);

        foreach (PlannedCell planned in minutes.Cells)
        {
            CellResult cell = runner.Result(planned.Cell);
            store.Write(cell with { Timing = cell.Timing with { TrainingSeconds = planned.Cell.Options.Seed == 0 ? 60 : 180 } });
        }

        ReproductionReport report = ReproductionReport.From(new PaperItem("costs", "Costs", [minutes, minutes with { IsTotal = true }], [], [], []), store);
        Assert.Equal(4, minutes.Cells.Count);
        Assert.Equal([2, 4], report.Rows.Select(row => Math.Round(row.Ours!.Value, 9)));
    }

    [Fact]
    public void Seeds_that_share_test_images_are_resampled_together()
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path)) with { Seeds = 2, Methods = ["cobra"] };
        PaperItem item = PaperPlan.Make("table2", options);
        CellStore store = new(results.Path);
        CellRunner runner = new(options.Data, store);

        CellResult[] cells = [.. item.Cells.Select(planned => runner.Result(planned.Cell))];
        ReproductionRow clean = ReproductionReport.From(item, store).Rows.Single(row => row.Quantity == PaperDraft.Clean);
        ConfidenceInterval joint = JointInterval.Of(
            [.. cells.Select(cell => cell.Scores!.Measurement("clean.auroc", new ConfidenceInterval(cell.Values["clean.auroc"].Low!.Value, cell.Values["clean.auroc"].High!.Value))!)],
            metrics => metrics.Auroc);
        store.Write(cells[0] with { Scores = null });
        ReproductionRow unknown = ReproductionReport.From(item, store).Rows.Single(row => row.Quantity == PaperDraft.Clean);

        Assert.Equal(100 * joint.Low, clean.Low!.Value, 1e-9);
        Assert.Equal(100 * joint.High, clean.High!.Value, 1e-9);
        // Without scores the cells count as if they shared everything.
        Assert.Equal(50 * cells.Sum(cell => cell.Values["clean.auroc"].Low!.Value), unknown.Low!.Value, 1e-9);
    }

    [Fact]
    public void Few_updates_are_said_and_can_be_repeated()
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path)) with { Methods = ["cobra"] };
        PaperItem item = PaperPlan.Make("table2", options), repeated = PaperPlan.Make("table2", options with { ItemsPerEpoch = 100 });

        CellResult result = new CellRunner(options.Data, new CellStore(results.Path)).Result(item.Cells[0].Cell);

        Assert.Contains(result.Remarks, remark => remark.Contains("1 epochs of 24 images are 2 updates", StringComparison.Ordinal) && remark.Contains("--items-per-epoch", StringComparison.Ordinal));
        Assert.Equal(100, repeated.Cells[0].Cell.Cobra.ItemsPerEpoch);
    }

    [Fact]
    public void Cells_are_computed_once_share_their_model_and_are_reported_with_their_budget()
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path));
        PaperItem item = PaperPlan.Make("table10", options);
        CellStore store = new(results.Path);
        CellRunner runner = new(options.Data, store);

        CellResult[] first = [.. item.Cells.Select(planned => runner.Result(planned.Cell))];
        CellResult[] second = [.. item.Cells.Select(planned => runner.Result(planned.Cell))];
        ReproductionReport report = ReproductionReport.From(item, store);

        Assert.Single(Directory.GetFiles(Path.Combine(results.Path, "models")));
        Assert.Equal(first.Select(result => result.Timing), second.Select(result => result.Timing));
        Assert.True(report.IsComplete);
        Assert.All(first, result => Assert.InRange(result.Values["pgd.auroc"].Value, 0, result.Values["clean.auroc"].Value));
        Assert.All(first, result => Assert.InRange(result.Values["union.auroc"].Value, 0, Math.Min(result.Values["pgd.auroc"].Value, result.Values["apgd.auroc"].Value)));
        Assert.Equal(21, report.Rows.Count);
        ReproductionRow[] published = [.. report.Rows.Where(row => row.Published is not null)];
        Assert.Equal(6, published.Length);
        Assert.All(published, row => Assert.Equal(row.Ours!.Value - row.Published!.Value, row.Difference!.Value, 1e-9));
        Assert.Contains("Budget smoke: preset tiny, 1 epochs", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("every class other than 1;", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Equal(22, report.ToCsv().TrimEnd().Split('\n').Length);
    }

    [Fact]
    public void A_source_s_quality_is_reported_with_its_backbone_and_without_a_difference()
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path));
        PaperItem item = PaperPlan.Make("table8", options);
        CellStore store = new(results.Path);
        PlannedCell rotation = item.Cells.Single(planned => planned.Id.Contains("CSI", StringComparison.Ordinal));

        CellResult result = new CellRunner(options.Data, store).Result(rotation.Cell);

        Assert.True(result.Values["frechet"].Value > 0);
        Assert.Contains(result.Remarks, remark => remark.Contains("transformation classifier C", StringComparison.Ordinal));
        Assert.All(ReproductionReport.From(item, store).Rows, row => Assert.Null(row.Difference));
    }

    [Fact]
    public void The_classifier_alone_is_measured()
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path));
        PaperItem item = PaperPlan.Make("table11", options);

        CellResult result = new CellRunner(options.Data, new CellStore(results.Path)).Result(item.Cells[0].Cell);

        Assert.InRange(result.Values["clean.auroc"].Value, 0, 1);
        Assert.Equal(83.6, item.Entries[0].Published);
    }

    [Fact]
    public void Loss_and_AUROC_are_recorded_after_every_epoch_and_drawn()
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path));
        PaperItem item = PaperPlan.Make("figure4", options);
        CellStore store = new(results.Path);

        CellResult result = new CellRunner(options.Data, store).Result(item.Cells[0].Cell);
        string figure = PaperFigures.Draw(item, options, store, results.Path)!;

        Assert.Equal(["epoch 0001.clean.auroc", "epoch 0001.clean.loss", "epoch 0001.pgd.loss", "epoch 0001.union.auroc"], result.Values.Keys.Order(StringComparer.Ordinal));
        Assert.True(result.Values["epoch 0001.clean.loss"].Value > 0);
        Assert.NotEqual(result.Values["epoch 0001.clean.loss"].Value, result.Values["epoch 0001.pgd.loss"].Value);
        Assert.NotNull(XDocument.Load(figure).Root);
    }

    [Fact]
    public void The_pair_matrix_has_a_cell_for_every_pair_of_rows()
    {
        using TemporaryFolder folder = new(), results = new();
        ReproductionOptions options = Options(folder.Path);

        string figure = PaperFigures.Draw(PaperPlan.Make("figure1", options), options, new CellStore(results.Path), results.Path)!;

        string[] fills = [.. XDocument.Load(figure).Descendants().Where(element => element.Name.LocalName == "rect").Select(element => element.Attribute("fill")!.Value)];
        // 12 rows: 12 on the diagonal, 24 positives, and an opposite for each of the 8 light rows; each colour once more in the legend.
        Assert.Equal(13, fills.Count(fill => fill == "#d9d9d9"));
        Assert.Equal(25, fills.Count(fill => fill == "#009e73"));
        Assert.Equal(9, fills.Count(fill => fill == "#d55e00"));
    }

    [Fact]
    public void Cost_is_drawn_with_a_colour_for_each_data_set_and_its_name_once()
    {
        ReproductionRow[] rows = [.. Training("FMNIST", "COBRA", 2), .. Training("FMNIST", "COBRA, clean training", 1), .. Training("MVTecAD", "COBRA", 4), .. Training("MVTecAD", "COBRA, clean training", 2)];

        XElement drawing = XElement.Parse(CostFigure.Draw(new ReproductionReport(new PaperItem("figure5", "Cost", [], [], [], []), rows, [])));

        string[] texts = [.. drawing.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.Equal(["COBRA", "COBRA, clean training", "FMNIST", "MVTecAD"], texts.Where(text => text.Any(char.IsUpper) && !text.Contains("AUROC", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        // Four trainings, and one sign for each of the two columns.
        Assert.Equal(6, drawing.Descendants().Count(element => element.Name.LocalName == "circle"));

        static ReproductionRow[] Training(string set, string column, double minutes) =>
        [
            new(set, column, "AUROC under PGD, %", 50, null, null, null, null, 1, 12, 12, []),
            new(set, column, "minutes of training", minutes, null, null, null, null, 1, 12, 12, []),
        ];
    }

    [Fact]
    public void What_is_not_at_hand_is_left_out_and_said()
    {
        using TemporaryFolder folder = new();

        PaperItem item = PaperPlan.Make("table2", Options(SmallData.Write(folder.Path)) with { Classes = [] });

        Assert.Contains("SVHN: not in the folder of data sets", item.LeftOut);
        Assert.DoesNotContain(item.LeftOut, text => text.Contains("not part of this library", StringComparison.Ordinal));
        Assert.Contains("MSAD, PatchCore, Transformaly, ZARND: no weights for their backbone were given (--backbone)", item.LeftOut);
        Assert.Equal(10, item.Cells.Count(planned => planned.Cell.Options is CobraOptions));
        Assert.Equal(10, item.Cells.Count(planned => planned.Cell.Options is ReleasedOptions));
    }

    [Fact]
    public void Methods_are_chosen_by_name_and_a_backbone_brings_in_those_that_need_one()
    {
        using TemporaryFolder folder = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path)) with { Methods = ["zarnd", "Cobra"] };
        string weights = Backbone(folder);

        PaperItem without = PaperPlan.Make("table2", options), with = PaperPlan.Make("table2", options with { Backbone = new BackboneOptions { File = weights, Network = Strided } });

        Assert.Equal(["COBRA"], without.Entries.Select(entry => entry.Column).Distinct());
        Assert.Equal(["COBRA", "ZARND"], with.Entries.Select(entry => entry.Column).Distinct());
        PaperEntry entry = with.Entries.Last(candidate => candidate.Published is not null);
        Assert.Equal(82.3, entry.Published);
        Assert.False(entry.IsComparable);
        Assert.Contains("a backbone of your own, not comparable", entry.Notes);
        Assert.Equal(Path.GetFileName(weights), ((ZarndOptions)entry.Cells[0].Cell.Options).Backbone.File);
        Assert.Contains(with.LeftOut, line => line.Contains("PrincipaLS", StringComparison.Ordinal) && line.EndsWith("not among the methods that were chosen", StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => PaperPlan.Make("table2", options with { Methods = ["nosuch"] }));
        Assert.Throws<ArgumentException>(() => PaperPlan.Make("table2", options with { Backbone = new BackboneOptions { File = "nowhere.safetensors" } }));
    }

    [Fact]
    public void A_cell_of_another_method_is_trained_attacked_and_reported_and_its_weights_must_be_the_planned_ones()
    {
        using TemporaryFolder folder = new(), results = new();
        string weights = Backbone(folder);
        ReproductionOptions options = Options(SmallData.Write(folder.Path)) with { Methods = ["zarnd"], Backbone = new BackboneOptions { File = weights, Network = Strided } };
        PaperItem item = PaperPlan.Make("table2", options);
        CellStore store = new(results.Path);
        ExperimentCell cell = Assert.Single(item.Cells).Cell;

        CellResult result = new CellRunner(options.Data, store, backbone: weights).Result(cell);
        ReproductionReport report = ReproductionReport.From(item, store);

        Assert.InRange(result.Values["pgd.auroc"].Value, 0, result.Values["clean.auroc"].Value);
        Assert.Contains(report.Remarks, remark => remark.StartsWith("ZARND (Mirzaei et al. 2024): ZARND (", StringComparison.Ordinal));
        Assert.All(report.Rows, row => Assert.Null(row.Difference));
        File.Delete(store.CellPath(cell));
        File.Delete(store.ModelPath(cell));
        File.AppendAllText(weights, " ");
        Assert.Contains("was planned with the weights", Assert.Throws<ExperimentException>(() => new CellRunner(options.Data, store, backbone: weights).Result(cell)).Message, StringComparison.Ordinal);
        Assert.Contains("--backbone", Assert.Throws<ExperimentException>(() => new CellRunner(options.Data, store).Result(cell)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_that_leaves_nothing_is_refused()
    {
        using TemporaryFolder folder = new();
        ReproductionOptions options = Options(SmallData.Write(folder.Path));

        Assert.Throws<ArgumentException>(() => PaperPlan.Make("table2", options with { Classes = ["99"] }));
        Assert.Throws<ArgumentException>(() => PaperPlan.Make("table99", options));
        Assert.Throws<ExperimentException>(() => PaperPlan.Make("table2", options with { Data = "nowhere" }));
    }

    [Fact]
    public async Task Workers_of_the_pool_run_side_by_side_and_a_failed_one_is_named()
    {
        LocalEngine pool = new(piece => new ProcessStartInfo("sh", ["-c", piece == 1 ? "echo no such image >&2; exit 3" : "exit 0"]), jobs: 2);
        Dictionary<int, string?> seen = [];

        IReadOnlyList<int> failed = await pool.Run([0, 1, 2], seen.Add);

        Assert.Equal([1], failed);
        Assert.Equal("exit code 3: no such image", seen[1]);
        Assert.Equal([0, 1, 2], seen.Keys.Order());
    }

    [Fact]
    public void A_batch_script_quotes_its_paths_and_numbers_its_tasks()
    {
        ClusterJob job = new("cobra-table6", 6, 2, 4, ["/opt/cobra", "reproduce", "table6", "--data", "/data/it's here"], "--piece");

        string script = job.ToSlurm("/logs");

        Assert.Contains("#SBATCH --array=0-5%2", script, StringComparison.Ordinal);
        Assert.Contains("""exec '/opt/cobra' 'reproduce' 'table6' '--data' '/data/it'\''s here' --piece "$SLURM_ARRAY_TASK_ID" """.TrimEnd(), script, StringComparison.Ordinal);
        Assert.StartsWith("#!/bin/bash\n", script, StringComparison.Ordinal);
        Assert.Throws<ExperimentException>(() => (job with { Pieces = 0 }).ToSlurm("/logs"));
    }

    [Fact]
    public void A_manifest_has_one_completion_for_each_piece()
    {
        ClusterJob job = new("cobra-table6", 6, 2, 4, ["cobra", "reproduce", "table6"], "--piece");

        string[] lines = job.ToKubernetes("registry/cobra:1", "data", "/data", "store", "/store").Split('\n');

        Assert.Contains("  completionMode: Indexed", lines);
        Assert.Contains("  completions: 6", lines);
        Assert.Contains("            - \"cobra\"", lines);
        Assert.Contains("            - \"$(JOB_COMPLETION_INDEX)\"", lines);
    }

    [Fact]
    public void A_report_is_written_as_text_table_and_data()
    {
        using TemporaryFolder folder = new(), results = new();
        PaperItem item = PaperPlan.Make("table2", Options(SmallData.Write(folder.Path)));

        ReproductionReport report = ReproductionReport.From(item, new CellStore(results.Path));
        report.Write(results.Path);

        Assert.False(report.IsComplete);
        Assert.Contains("not computed", File.ReadAllText(results.File("table2.md")), StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(results.File("table2.json")));
        Assert.Equal("table2", json.RootElement.GetProperty("name").GetString());
    }

    private static ResNetOptions Strided { get; } = new() { Stem = ResNetStem.Strided, WidthFactor = 0.125 };

    /// <summary>A weight file such as pretraining makes, with random weights in it.</summary>
    private static string Backbone(TemporaryFolder folder)
    {
        using Generator rng = new(1, CPU);
        using ResNet network = new(Strided, rng);
        string path = folder.File("backbone.safetensors");
        Safetensors.Write(path, network.state_dict());
        return path;
    }

    private static ReproductionOptions Options(string data) => new() { Data = data, Budget = Budget.Smoke, Classes = ["1"] };
}
