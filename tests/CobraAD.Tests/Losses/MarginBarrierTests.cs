using System.Text.Json;
using CobraAD.Losses;
using CobraAD.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Losses;

public sealed class MarginBarrierTests
{
    private static readonly double LogTwo = Math.Log(2);

    [Theory]
    [InlineData("c1_ln2")]
    [InlineData("c1_0.1")]
    [InlineData("softplus")]
    [InlineData("clamp_1e-8")]
    [InlineData("literal")]
    public void Values_and_slopes_equal_the_golden_file(string form)
    {
        foreach (JsonElement row in GoldenFile.Read("barrier_scalar.json").GetProperty("rows").EnumerateArray())
        {
            double margin = row.GetProperty("m").GetDouble();
            if (form == "literal" && margin <= 0) continue;

            (double value, double slope) = Evaluate(form, margin);

            AssertClose(row.GetProperty(form).Number(), value, $"B({margin})");
            AssertClose(row.GetProperty(form + "_grad").Number(), slope, $"B'({margin})");
        }
    }

    [Theory]
    [InlineData("c1_ln2")]
    [InlineData("softplus")]
    public void The_slope_stays_between_minus_one_and_zero(string form)
    {
        foreach (double margin in Enumerable.Range(-100, 400).Select(step => step / 25.0))
            Assert.InRange(Evaluate(form, margin).Slope, -1 - 1e-12, 0);
    }

    [Theory]
    [InlineData("c1_ln2", 0.6931471805599453)]
    [InlineData("c1_0.1", 0.1)]
    public void The_tangent_meets_the_curve_without_a_step_or_a_kink(string form, double floor)
    {
        (double below, double slopeBelow) = Evaluate(form, floor - 1e-13);
        (double above, double slopeAbove) = Evaluate(form, floor + 1e-13);

        Assert.Equal(below, above, 1e-11);
        Assert.Equal(slopeBelow, slopeAbove, 1e-10);
    }

    [Theory]
    [InlineData(-1e3)]
    [InlineData(0)]
    [InlineData(1e3)]
    public void Extreme_margins_give_finite_values_and_slopes(double margin)
    {
        foreach (string form in new[] { "c1_ln2", "softplus", "clamp_1e-8" })
        {
            (double value, double slope) = Evaluate(form, margin);

            Assert.True(double.IsFinite(value) && double.IsFinite(slope), $"{form} at {margin}: {value}, slope {slope}.");
        }
    }

    [Fact]
    public void Strict_says_how_many_margins_are_violated()
    {
        using Tensor margins = tensor(new[] { 1.0, 0.0, -2.0, 3.0 });

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => MarginBarrier.Value(margins, MarginForm.Strict, LogTwo));

        Assert.Contains("2 of 4 margins", error.Message, StringComparison.Ordinal);
    }

    private static (double Value, double Slope) Evaluate(string form, double margin)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor m = tensor(margin, dtype: float64).requires_grad_();
        Tensor value = form switch
        {
            "c1_ln2" => MarginBarrier.Value(m, MarginForm.Continued, LogTwo),
            "c1_0.1" => MarginBarrier.Value(m, MarginForm.Continued, 0.1),
            "clamp_1e-8" => MarginBarrier.Value(m, MarginForm.Clamped, LogTwo),
            "literal" => MarginBarrier.Value(m, MarginForm.Strict, LogTwo),
            _ => MarginBarrier.Softplus(m),
        };
        value.backward();
        return (value.item<double>(), m.grad!.item<double>());
    }

    private static void AssertClose(double expected, double found, string what) =>
        Assert.True(Math.Abs(expected - found) <= 1e-9 * Math.Max(1, Math.Abs(expected)), $"{what}: expected {expected:R}, found {found:R}.");
}
