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

    [Theory]
    [InlineData("rotation")]
    [InlineData("cutpaste-3way")]
    public void A_source_that_only_moves_pixels_leaves_grey_images_grey(string name)
    {
        using var scope = NewDisposeScope();
        using ImageSet normals = PseudoAnomalyGeneratorTests.Normals(16);
        using PseudoAnomalySupply supply = PseudoAnomalySources.Build(name, null, normals, new PseudoAnomalyOptions(), new RandomStreams(1), CPU);
        using Generator rng = new(3, CPU);
        Tensor grey = normals.Batch(0, 16).narrow(1, 0, 1).expand(16, 3, 32, 32);

        Tensor crafted = supply.Craft(grey, rng)!;

        Assert.True(crafted.narrow(1, 1, 2).sub(crafted.narrow(1, 0, 1)).abs().max().item<float>() < 1e-6f);
    }

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
