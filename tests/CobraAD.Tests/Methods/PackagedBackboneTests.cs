using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Neighbours;
using CobraAD.Methods.PatchCore;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods;

/// <summary>Models whose backbone is the ImageNet package's.</summary>
public sealed class PackagedBackboneTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    private const string Reference = "e2552f19db2dfdb0";

    private readonly ImageSet images = trained.Train.Subset([.. Enumerable.Range(0, 8)]);

    [Theory]
    [InlineData("dn2")]
    [InlineData("panda")]
    [InlineData("msad")]
    [InlineData("patchcore")]
    public void It_is_the_default_of_a_method_that_compares_features(string method) =>
        Assert.Equal(BackboneOptions.Packaged, ((CobraAD.Methods.Common.IBackboneUser)DetectionMethods.Get(method).Preset("default", 224)).Backbone);

    [Theory]
    [MemberData(nameof(Frozen))]
    public void A_model_that_leaves_the_weights_alone_refers_to_them_and_scores_the_same(DetectorOptions options)
    {
        using TemporaryFolder folder = new();
        using ITrainedDetector detector = DetectionMethods.Train(options, images);

        detector.Save(folder.File("model.cobra"));
        using ITrainedDetector loaded = DetectionMethods.Load(folder.File("model.cobra"));

        Assert.InRange(new FileInfo(folder.File("model.cobra")).Length, 1, 4 << 20);
        Assert.Contains($"ImageNet ResNet-18 (ML.NET), SHA-256 {Reference}", loaded.Name, StringComparison.Ordinal);
        AssertSameScores(detector, loaded);
        loaded.Save(folder.File("again.cobra"));
        Assert.Equal(File.ReadAllBytes(folder.File("model.cobra")), File.ReadAllBytes(folder.File("again.cobra")));
    }

    [Fact]
    public void A_model_that_trains_the_weights_carries_its_own()
    {
        using TemporaryFolder folder = new();
        using ITrainedDetector detector = DetectionMethods.Train(new PandaOptions { Epochs = 1, BatchSize = 8 }, images);

        detector.Save(folder.File("model.cobra"));
        using ITrainedDetector loaded = DetectionMethods.Load(folder.File("model.cobra"));

        Assert.InRange(new FileInfo(folder.File("model.cobra")).Length, 60 << 20, 70 << 20);
        AssertSameScores(detector, loaded);
    }

    [Fact]
    public void A_model_that_refers_to_other_weights_is_refused()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("model.cobra");
        using (ITrainedDetector detector = DetectionMethods.Train(new Dn2Options(), images)) detector.Save(path);
        using (ModelArchive archive = ModelArchive.Read(path))
        {
            ModelManifest manifest = archive.Manifest;
            manifest.Health!["backbone"]!["sha256"] = new string('0', 64);
            ModelArchive.Write(path, manifest, archive.Groups);
        }

        string message = Assert.Throws<ModelFormatException>(() => DetectionMethods.Load(path)).Message;

        Assert.Contains(new string('0', 64), message, StringComparison.Ordinal);
        Assert.Contains("train it again", message, StringComparison.Ordinal);
    }

    public static TheoryData<DetectorOptions> Frozen =>
    [
        new Dn2Options(),
        new PatchCoreOptions { CoresetShare = 0.01 },
    ];

    private void AssertSameScores(ITrainedDetector expected, ITrainedDetector found)
    {
        using Tensor batch = trained.Test.Batch(0, 2);
        using Tensor wanted = expected.Score(batch);
        using Tensor scores = found.Score(batch);
        TensorAssert.SameBits(wanted, scores);
    }
}
