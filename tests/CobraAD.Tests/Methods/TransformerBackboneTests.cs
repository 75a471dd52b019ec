using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Neighbours;
using CobraAD.Methods.PatchCore;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Transformer;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods;

public sealed class TransformerBackboneTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    private static readonly BackboneOptions Backbone = new() { Transformer = new VisionTransformerOptions { PatchSize = 8, ImageSize = 32, Width = 16, Depth = 2, Heads = 2, HiddenWidth = 32 } };

    [Theory]
    [InlineData("dn2")]
    [InlineData("panda")]
    [InlineData("msad")]
    public void A_method_on_class_tokens_trains_and_comes_back_from_its_file(string method)
    {
        DetectorOptions options = TrainedMethods.TinyOptions(method) switch
        {
            Dn2Options dn2 => dn2 with { Backbone = Backbone },
            PandaOptions panda => panda with { Backbone = Backbone, Epochs = 1 },
            MsadOptions msad => msad with { Backbone = Backbone, Epochs = 1 },
            var other => throw new InvalidOperationException(other.ToString()),
        };
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.cobra");
        try
        {
            using ITrainedDetector detector = DetectionMethods.Train(options, trained.Train);
            detector.Save(path);
            using ITrainedDetector loaded = DetectionMethods.Load(path);
            using Tensor images = trained.Test.Batch(0, 6);
            using Tensor expected = detector.Score(images);
            using Tensor found = loaded.Score(images);

            TensorAssert.SameBits(expected, found);
            Assert.Equal(detector.Name, loaded.Name);
            Assert.Contains("ViT of 2 blocks", detector.Name, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void PatchCore_says_that_it_needs_maps() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ((PatchCoreOptions)TrainedMethods.TinyOptions("patchcore") with { Backbone = Backbone }).Validate());
}
