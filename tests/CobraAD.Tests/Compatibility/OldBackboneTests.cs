using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Neighbours;
using CobraAD.Networks.Backbones;
using CobraAD.Serialization.Tensors;

namespace CobraAD.Tests.Compatibility;

/// <summary>A backbone that an older version pre-trained.</summary>
public sealed class OldBackboneTests
{
    [Fact]
    public void Its_tensors_are_those_of_then()
    {
        using TensorBundle backbone = Safetensors.Read(OldFiles.Path("backbone.safetensors"));

        Assert.Equal((string?)OldFiles.Expected["backbone"], OldFiles.Digest(backbone.Tensors));
    }

    [Fact]
    public void A_detector_made_with_it_gets_the_network_that_it_got_then()
    {
        using TemporaryFolder folder = new();
        string model = folder.File("zarnd.cobra");
        using AnomalyBenchmark parts = DatasetLoader.Open(OldFiles.Path("parts"), new DatasetOptions { ImageSize = 16 });
        ZarndOptions preset = (ZarndOptions)DetectionMethods.Get("zarnd").Preset("tiny", 16);
        ZarndOptions options = preset with { Backbone = BackboneOptions.InHouse(OldFiles.Path("backbone.safetensors")) };

        using ITrainedDetector detector = DetectionMethods.Train(options, parts.Train);
        detector.Save(model);

        SortedDictionary<string, string> expected = OldFiles.Groups(OldFiles.Expected["models"]!["zarnd.cobra"]!["groups"]!);
        SortedDictionary<string, string> found = OldFiles.Groups(model);
        Assert.Equal(expected["backbone"], found["backbone"]);
        // The bank holds what the network computes.
        if (OldFiles.BitsMustAgree) Assert.Equal(expected, found);
    }
}
