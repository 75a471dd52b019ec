using System.Text.Json;
using CobraAD.Losses;
using CobraAD.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Losses;

/// <summary>Values and gradients of every loss against an independent evaluation of the formulas, in float64.</summary>
public sealed class ContrastiveLossGoldenTests
{
    private const double Tolerance = 1e-9;

    public static TheoryData<int> PaperCases => [.. Enumerable.Range(0, GoldenFile.Read("paper_losses.json").GetProperty("cases").GetArrayLength())];

    public static TheoryData<int> InnerCases => [.. Enumerable.Range(0, GoldenFile.Read("inner_objective.json").GetProperty("cases").GetArrayLength())];

    public static TheoryData<int> ReleasedCases => [.. Enumerable.Range(0, GoldenFile.Read("reference_ntxent.json").GetProperty("cases").GetArrayLength())];

    [Theory]
    [MemberData(nameof(PaperCases))]
    public void The_outer_loss_of_every_mode_equals_the_paper(int index)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement file = GoldenFile.Read("paper_losses.json");
        JsonElement golden = file.GetProperty("cases")[index];
        int views = golden.GetProperty("views").GetInt32();
        PairLayout layout = new(golden.GetProperty("b").GetInt32(), views);
        ContrastiveLoss loss = ContrastiveLosses.Create(OptionsOf(golden, views) with
        {
            FirstTwoAnchors = golden.GetProperty("anchors").GetString() == "first_two",
            ExcludeSameGroup = Variant(golden) == "exclude_same_group",
            AdversarialOpposite = Variant(golden) == "adv_opp",
        });
        Tensor embeddings = file.GetProperty("data").GetProperty($"{golden.GetProperty("data").GetString()}_V{views}").Array().requires_grad_();

        if (double.IsNaN(golden.GetProperty("loss_sum").Number()))
        {
            Assert.Contains("margins are not positive", Assert.Throws<InvalidOperationException>(() => loss.Outer(embeddings, layout)).Message, StringComparison.Ordinal);
            return;
        }

        Tensor value = loss.Outer(embeddings, layout);
        autograd.backward([value], inputs: [embeddings]);

        TensorAssert.Close(golden.GetProperty("per_anchor").Array(), loss.PerAnchor(embeddings, layout), Tolerance);
        Assert.Equal(golden.GetProperty("loss_mean_over_anchors").GetDouble(), value.item<double>(), Tolerance);
        TensorAssert.Close(golden.GetProperty("grad_of_mean").Array(), embeddings.grad!, Tolerance);
        Tensor sum = ContrastiveLosses.Create(loss.Options with { Reduction = LossReduction.Sum }).Outer(embeddings, layout);
        Assert.Equal(golden.GetProperty("loss_sum").GetDouble(), sum.item<double>(), Tolerance * 100);
    }

    [Theory]
    [MemberData(nameof(InnerCases))]
    public void The_inner_objective_of_every_mode_equals_the_golden_numbers(int index)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement golden = GoldenFile.Read("inner_objective.json").GetProperty("cases")[index];
        PairLayout layout = new(golden.GetProperty("n").GetInt32() / 2, 3);
        ContrastiveLoss loss = ContrastiveLosses.Create(OptionsOf(golden, positives: 2));
        Tensor adversarial = golden.GetProperty("x_adv_embeddings").Array().requires_grad_();

        Tensor values = loss.Inner(adversarial, golden.GetProperty("keys").Array(), layout);
        autograd.backward([values.sum()], inputs: [adversarial]);

        TensorAssert.Close(golden.GetProperty("per_row").Array(), values, Tolerance);
        TensorAssert.Close(golden.GetProperty("grad_of_sum").Array(), adversarial.grad!, Tolerance);
    }

    [Theory]
    [MemberData(nameof(ReleasedCases))]
    public void With_its_stabiliser_the_loss_equals_the_executed_released_code(int index)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement golden = GoldenFile.Read("reference_ntxent.json").GetProperty("cases")[index];
        PairLayout layout = new(golden.GetProperty("B").GetInt32() / 2, golden.GetProperty("chunk").GetInt32());
        ContrastiveLoss loss = ContrastiveLosses.Create(new ContrastiveLossOptions
        {
            Name = golden.GetProperty("opposite_pair").GetBoolean() ? "cobra" : "ntxent",
            Temperature = golden.GetProperty("temperature").GetDouble(),
            Stabilizer = golden.GetProperty("eps").GetDouble(),
        });
        Tensor embeddings = golden.GetProperty("embeddings").Array().requires_grad_();

        Tensor value = loss.Outer(embeddings, layout);
        autograd.backward([value], inputs: [embeddings]);

        Assert.Equal(golden.GetProperty("loss").GetDouble(), value.item<double>(), Tolerance);
        TensorAssert.Close(golden.GetProperty("grad_embeddings").Array(), embeddings.grad!, Tolerance);
    }

    /// <param name="golden">A case of a golden file.</param>
    /// <param name="views">Views of an outer case.</param>
    /// <param name="positives">Positives of an anchor, where it is not the number of views less one.</param>
    private static ContrastiveLossOptions OptionsOf(JsonElement golden, int views = 0, int? positives = null)
    {
        double parameter = golden.GetProperty("param").ValueKind == JsonValueKind.Null ? 0 : golden.GetProperty("param").GetDouble();
        ContrastiveLossOptions options = new() { Temperature = golden.GetProperty("temperature").GetDouble() };
        return golden.GetProperty("mode").GetString() switch
        {
            "cl" => options with { Name = "ntxent" },
            "literal" => options with { Name = "cobra-eq2", Margin = MarginForm.Strict },
            "c1" => options with { Name = "cobra-eq2", MarginFloor = parameter },
            "clamp" => options with { Name = "cobra-eq2", Margin = MarginForm.Clamped },
            "softplus" => options with { Name = "cobra-softplus" },
            "decomposed_once" => options with { Name = "cobra" },
            "decomposed_sumP" => options with { Name = "cobra", OppositeWeight = positives ?? views - 1 },
            "opposite_only" => options with { Name = "opposite" },
            "supcon" => options with { Name = "supcon" },
            string unknown => throw new NotSupportedException($"Mode '{unknown}' of the golden file has no loss."),
            null => throw new FormatException("A mode is missing."),
        };
    }

    private static string? Variant(JsonElement golden) => golden.TryGetProperty("variant", out JsonElement variant) ? variant.GetString() : null;
}
