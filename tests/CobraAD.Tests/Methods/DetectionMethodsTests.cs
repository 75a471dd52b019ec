using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Csi;
using CobraAD.Methods.DeepSvdd;
using CobraAD.Methods.Ocsdf;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Training;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods;

public sealed class DetectionMethodsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cobra-methods-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string, string> EveryPreset
    {
        get
        {
            TheoryData<string, string> presets = [];
            foreach (IDetectionMethod method in DetectionMethods.All)
            {
                foreach (string preset in method.Presets) presets.Add(method.Name, preset);
            }

            return presets;
        }
    }

    [Theory]
    [MemberData(nameof(EveryPreset))]
    public void Every_preset_is_valid_and_survives_a_configuration_file(string method, string preset)
    {
        DetectorOptions options = DetectionMethods.Get(method).Preset(preset, 32);
        Type type = DetectionMethods.Get(method).OptionsType;

        string json = System.Text.Json.JsonSerializer.Serialize(options, type, CobraJson.Options);
        object? back = System.Text.Json.JsonSerializer.Deserialize(json, type, CobraJson.Options);

        options.Validate();
        Assert.Equal(preset, options.Preset);
        Assert.Equal(json, System.Text.Json.JsonSerializer.Serialize(back, type, CobraJson.Options));
    }

    /// <summary>Both encode several images for each of a batch, or keep maps as large as the image.</summary>
    [Theory]
    [InlineData("csi", 64, 128)]
    [InlineData("csi", 224, 32)]
    [InlineData("ocsdf", 64, 128)]
    [InlineData("ocsdf", 224, 16)]
    public void Large_images_get_a_batch_that_a_machine_can_hold(string method, int side, int images)
    {
        DetectorOptions options = DetectionMethods.Get(method).Preset("default", side);

        Assert.Equal(images, options is CsiOptions csi ? csi.BatchSize : ((OcsdfOptions)options).BatchSize);
    }

    [Theory]
    [InlineData("cobra", "folder", 64, "parts")]
    [InlineData("cobra", "random split", 224, "parts")]
    [InlineData("cobra", "folder", 32, "fast")]
    [InlineData("cobra", "one-class", 64, "fast")]
    [InlineData("cobra", "unlabelled multi-class", 64, "fast")]
    [InlineData("patchcore", "folder", 64, "default")]
    public void Good_parts_have_a_preset_of_their_own_where_a_class_has_not(string method, string protocol, int side, string expected)
    {
        using ImageSet images = new("blank", zeros(2, 3, side, side, ScalarType.Byte), ["one", "two"]);
        using AnomalyBenchmark benchmark = new("blank", protocol, images, images, [false, true], ["good", "bad"]);

        Assert.Equal(expected, DetectionMethods.Get(method).PresetFor(benchmark));
    }

    [Theory]
    [InlineData(32, null)]
    [InlineData(33, 32)]
    [InlineData(64, 32)]
    [InlineData(100, 48)]
    [InlineData(224, 112)]
    [InlineData(2000, 112)]
    public void The_preset_for_good_parts_looks_at_tiles_of_half_the_side(int side, int? tile) => Assert.Equal(tile, CobraPresets.Parts(side).Tiles?.Size);

    [Fact]
    public void Names_are_unique_and_found_in_any_case()
    {
        Assert.Equal(DetectionMethods.All.Count, DetectionMethods.All.Select(method => method.Name).Distinct().Count());
        Assert.Same(DetectionMethods.Get("cobra"), DetectionMethods.Get("COBRA"));
        Assert.All(DetectionMethods.All, method => Assert.Contains(method.DefaultPreset, method.Presets));
    }

    [Fact]
    public void An_unknown_name_is_answered_with_those_that_exist()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => DetectionMethods.Get("deepsvd"));

        Assert.Contains("deepsvdd", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cobra_is_one_of_the_family()
    {
        using ImageSet images = SmallTraining.Images();
        string path = Path.Combine(folder, "cobra.cobra");

        using ITrainedDetector trained = DetectionMethods.Train(SmallTraining.Options with { Epochs = 1, LearningRate = SmallTraining.Options.LearningRate with { WarmUpEpochs = 0 } }, images);
        trained.Save(path);
        using ITrainedDetector loaded = DetectionMethods.Load(path);

        Assert.Equal("cobra", loaded.Card.Method);
        Assert.IsType<CobraOptions>(loaded.Card.Options);
        Assert.Equal(trained.ScoreAll(images), loaded.ScoreAll(images));
        Assert.Equal(0.5, loaded.Calibrate(loaded.Threshold!.Value));
    }

    [Fact]
    public void Options_of_another_method_are_refused()
    {
        using ImageSet images = SmallTraining.Images();

        Assert.Throws<ArgumentException>(() => DetectionMethods.Get("cobra").Train(new DeepSvddOptions(), images));
        Assert.Throws<ArgumentException>(() => DetectionMethods.Get("deepsvdd").Train(SmallTraining.Options, images));
    }

    [Fact]
    public void A_file_that_holds_no_detector_is_refused_with_the_kinds_that_do()
    {
        string path = Path.Combine(folder, "checkpoint.cobra");
        ModelArchive.Write(path, new ModelManifest { Kind = "checkpoint" }, new Dictionary<string, IReadOnlyDictionary<string, Tensor>>());

        ModelFormatException exception = Assert.Throws<ModelFormatException>(() => DetectionMethods.Load(path));

        Assert.Contains("--resume", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_file_of_another_method_is_refused()
    {
        string path = Path.Combine(folder, "other.cobra");
        ModelArchive.Write(path, new ModelManifest { Kind = "cobra" }, new Dictionary<string, IReadOnlyDictionary<string, Tensor>>());

        ModelFormatException exception = Assert.Throws<ModelFormatException>(() => DetectionMethods.Get("deepsvdd").Load(path));

        Assert.Contains("'deepsvdd', found 'cobra'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cobra", typeof(OwnOptions), "'cobra' already, COBRA")]
    [InlineData("DeepSVDD", typeof(OwnOptions), "'deepsvdd' already")]
    [InlineData("own", typeof(CobraOptions), "CobraOptions belong to the method 'cobra' already")]
    [InlineData("own", typeof(string), "must be a record that derives from DetectorOptions")]
    [InlineData("own", typeof(DetectorOptions), "must be a record that derives from DetectorOptions")]
    [InlineData("checkpoint", typeof(OwnOptions), "cannot be called 'checkpoint'")]
    [InlineData(" ", typeof(OwnOptions), "needs a name")]
    public void A_method_that_cannot_be_told_from_others_is_not_registered(string name, Type options, string reason)
    {
        IReadOnlyList<IDetectionMethod> before = DetectionMethods.All;

        ArgumentException exception = Assert.Throws<ArgumentException>(() => DetectionMethods.Register(new OwnMethod(name, options)));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, DetectionMethods.All);
    }

    /// <summary>Only what registering looks at; a whole method from outside is in CobraAD.Outside.Tests, where it does not join these tests' catalogue.</summary>
    private sealed class OwnMethod(string name, Type options) : IDetectionMethod
    {
        public string Name => name;

        public string Title => throw new NotSupportedException();

        public string Needs => throw new NotSupportedException();

        public IReadOnlyList<string> Presets => throw new NotSupportedException();

        public string DefaultPreset => throw new NotSupportedException();

        public bool CanResume => throw new NotSupportedException();

        public Type OptionsType => options;

        public DetectorOptions Preset(string name, int imageSize) => throw new NotSupportedException();

        public ITrainedDetector Train(DetectorOptions options, ImageSet images, TrainingSession? session = null) => throw new NotSupportedException();

        public ITrainedDetector Load(string path, Device? device = null) => throw new NotSupportedException();

        public IModelCard LoadCard(string path) => throw new NotSupportedException();
    }

    private sealed record OwnOptions : DetectorOptions;
}
