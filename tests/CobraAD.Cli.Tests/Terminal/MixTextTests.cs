using CobraAD.Cli.Terminal;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Crafting;

namespace CobraAD.Cli.Tests.Terminal;

public sealed class MixTextTests
{
    [Theory]
    [InlineData(0.05, 0.01, "notices none of the hard transforms")]
    [InlineData(0.9, 0.05, "notices rotation only")]
    [InlineData(0.9, 0.06, null)]
    public void A_mix_that_cannot_choose_is_warned_of(double rotation, double noise, string? warning)
    {
        FilterHealth health = new(0, 0, 0, null, null, 0) { Noticed = new Dictionary<string, double> { ["rotation"] = rotation, ["noise"] = noise } };

        string? said = MixText.WarningOf(new PseudoAnomalyRecord(new PseudoAnomalyOptions { AdaptiveMix = true }, health, PseudoAnomalyStatistics.None));

        if (warning is null) Assert.Null(said);
        else Assert.Contains(warning, said, StringComparison.Ordinal);
    }

    [Fact]
    public void An_even_mix_that_was_asked_for_is_none() =>
        Assert.Null(MixText.WarningOf(new PseudoAnomalyRecord(new PseudoAnomalyOptions(), new FilterHealth(0, 0, 0, null, null, 0), PseudoAnomalyStatistics.None)));
}
