using CobraAD.Cli.Terminal;
using CobraAD.Methods.Cobra;
using CobraAD.PseudoAnomalies;

namespace CobraAD.Cli.Tests.Terminal;

public sealed class MirrorTextTests
{
    [Theory]
    [InlineData(0.98, "none: of 100 good images 98")]
    [InlineData(0.5, "yes: of 100 good images 50")]
    public void It_says_what_was_decided_and_why(double farther, string said) => Assert.Contains(said, Assert.Single(MirrorText.Of(Health(farther))), StringComparison.Ordinal);

    [Fact]
    public void It_says_nothing_where_nothing_was_asked() => Assert.Empty(MirrorText.Of(Health(null)));

    private static CobraHealth Health(double? farther) =>
        new(new PseudoAnomalyRecord(new PseudoAnomalyOptions(), null, PseudoAnomalyStatistics.None), [], 0) { MirroredFarther = farther };
}
