using CobraAD.Datasets;
using CobraAD.PseudoAnomalies;
using CobraAD.Tests.PseudoAnomalies.Crafting;
using CobraAD.Torch;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies;

public sealed class PseudoAnomalySourcesTests
{
    [Fact]
    public void The_sources_stand_in_the_order_of_the_papers_table() => Assert.Equal(
        ["ours", "rotation", "cutpaste", "cutpaste-scar", "cutpaste-3way", "perlin", "vos", "goe-small", "fitymi-small", "none"], PseudoAnomalySources.All);

    [Theory]
    [InlineData("rotation", true)]
    [InlineData("folder:/tmp/anomalies", true)]
    [InlineData("folder:", false)]
    [InlineData("Rotation", false)]
    [InlineData("sepia", false)]
    public void A_name_is_known_or_gives_a_folder(string name, bool isKnown) => Assert.Equal(isKnown, PseudoAnomalySources.IsKnown(name));

    [Fact]
    public void An_unknown_name_is_refused_with_the_names_that_there_are()
    {
        using ImageSet normals = PseudoAnomalyGeneratorTests.Normals(8);

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => PseudoAnomalySources.Build("sepia", null, normals, new PseudoAnomalyOptions(), new RandomStreams(1), CPU));

        Assert.Contains("sepia", error.Message, StringComparison.Ordinal);
        Assert.Contains("cutpaste-scar", error.Message, StringComparison.Ordinal);
    }
}
