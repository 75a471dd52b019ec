using CobraAD.Datasets;
using CobraAD.PseudoAnomalies;
using CobraAD.PseudoAnomalies.Sources;
using CobraAD.Tests.PseudoAnomalies.Crafting;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Sources;

public sealed class OtherSourceTests
{
    public static TheoryData<string> Names => ["rotation", "normal", "scar", "threeway"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_image_changes_and_stays_an_image(string name)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(1, CPU), same = new(1, CPU);
        Tensor normals = rand([32, 3, 64, 64], generator: new Generator(3, CPU)).mul(0.8).add(0.1);
        IPseudoAnomalySource source = Source(name);

        Tensor crafted = source.Craft(normals, rng);

        Assert.Equal(normals.shape, crafted.shape);
        Assert.InRange(crafted.min().item<float>(), 0f, 1f);
        Assert.InRange(crafted.max().item<float>(), 0f, 1f);
        Assert.True(crafted.ne(normals).flatten(1).any(1).all().item<bool>());
        Assert.True(crafted.eq(source.Craft(normals, same)).all().item<bool>());
    }

    [Theory]
    [InlineData("normal", 64, 0.004, 0.16)]
    [InlineData("normal", 256, 0.01, 0.155)]
    [InlineData("scar", 256, 0.00001, 0.008)]
    public void A_paste_changes_a_part_of_the_declared_size(string name, int side, double least, double most)
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        Tensor normals = rand([64, 3, side, side], generator: rng).mul(0.8).add(0.1);

        Tensor share = Source(name).Craft(normals, rng).ne(normals).any(1).to(ScalarType.Float64).mean([1, 2]);

        Assert.InRange(share.min().item<double>(), least, most);
        Assert.InRange(share.max().item<double>(), least, most);
        Assert.True(share.max().item<double>() > most / 2, $"The largest is {share.max().item<double>()}.");
    }

    [Fact]
    public void Supplied_images_come_back_as_they_are_under_a_name_that_says_so()
    {
        using var scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        using ImageSet supplied = PseudoAnomalyGeneratorTests.Normals(5);
        FolderSource source = new(supplied, "Dream-OOD");

        Tensor crafted = source.Craft(zeros(40, 3, 32, 32), rng);

        Tensor distance = (crafted.unsqueeze(1) - supplied.Batch(0, 5).unsqueeze(0)).abs().amax([2, 3, 4]);
        Assert.True(distance.amin([1]).eq(0).all().item<bool>());
        Assert.Equal(5, distance.argmin(1).data<long>().ToArray().Distinct().Count());
        Assert.Equal("user-supplied images (5 of discs; claimed: Dream-OOD)", source.Name);
        Assert.Throws<ArgumentException>(() => source.Craft(zeros(2, 3, 16, 16), rng));
    }

    private static IPseudoAnomalySource Source(string name) => name switch
    {
        "rotation" => new RotationSource(),
        "normal" => new CutPasteSource(CutPasteVariant.Normal),
        "scar" => new CutPasteSource(CutPasteVariant.Scar),
        _ => new CutPasteSource(CutPasteVariant.ThreeWay),
    };
}
