using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using CobraAD.Attacks;
using CobraAD.Cli.Configuration;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Networks.Backbones;
using CobraAD.PseudoAnomalies;
using CobraAD.Serialization;
using CobraAD.Training;

namespace CobraAD.Cli.Arguments;

/// <summary>How a model is trained: a preset, then a configuration file, then the options of the command line.</summary>
/// <param name="usual">The preset of COBRA that is meant where its default would take too long for what the command does; its default when <see langword="null"/>.</param>
internal sealed class ModelArguments(string? usual = null)
{
    /// <summary>What <c>--backbone</c> calls the weights of the ImageNet package. A file of that name can be given as ./imagenet.</summary>
    public const string PackagedBackbone = "imagenet";

    private const string RandomBackbone = "random";

    /// <summary>A side in pixels that is above any that a preset shows whole, if it divides images at all.</summary>
    private const int LargeImage = 1024;

    private readonly Option<string?> preset = new("--preset")
    {
        Description = "Ready-made options: for cobra paper (the paper's training, for a GPU), fast (half width, hours on a CPU), tiny (minutes), parts (minutes, in tiles; what a folder of good parts gets if none is named) or released (what the authors' code does); 'cobra methods' lists the others'."
            + (usual is null ? "" : $" Usually {usual} here."),
        HelpName = "NAME",
    };

    private readonly Option<string?> config = new("--config") { Description = "JSON file that sets any of the options that --print-config shows.", HelpName = "FILE" };

    private readonly Option<bool> printConfig = new("--print-config") { Description = "Print every option as JSON, the form that --config reads, and stop." };

    private readonly Option<int?> epochs = new("--epochs") { Description = "Passes over the training images.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, 1_000_000) };

    private readonly Option<int?> batchSize = new("--batch-size") { Description = "Normal images of one step.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(2, 65536) };

    private readonly Option<double?> falseAlarmRate = new("--false-alarm-rate")
    {
        Description = "Share of good parts that may be called anomalous; sets the threshold.",
        HelpName = "RATE",
        CustomParser = NumberOption.OptionalWithin(0.0001, 0.9999),
    };

    private readonly Option<string?> anomalySource = new("--anomaly-source")
    {
        Description = $"Where pseudo-anomalies come from: {string.Join(", ", PseudoAnomalySources.All)}, or {PseudoAnomalySources.FolderPrefix}PATH.",
        HelpName = "SOURCE",
    };

    private readonly Option<string?> backbone = new("--backbone")
    {
        Description = "Weights of a method that compares features: imagenet (ML.NET's ResNet-18, inside cobra), random, or a file of cobra pretrain, which says itself what it is; other weights need --config.",
        HelpName = "imagenet|random|FILE",
    };

    private readonly Option<string?> init = new("--init")
    {
        Description = "With cobra: start the encoder from imagenet (ML.NET's ResNet-18, which becomes the network) instead of random weights. Beyond the paper.",
        HelpName = "imagenet",
    };

    private readonly Option<int?> members = new("--members")
    {
        Description = "With cobra: so many encoders side by side, an ensemble in one network; each costs the time of one. Beyond the paper.",
        HelpName = "N",
        CustomParser = NumberOption.OptionalWithin(1, 64),
    };

    private readonly Option<string?> claimedOrigin = new("--claimed-origin") { Description = "What the images of --anomaly-source folder:PATH are; reports print it as your claim.", HelpName = "TEXT" };

    private readonly Option<string?> score = new("--score")
    {
        Description = $"How an image is scored; auto chooses from the good images: {string.Join(", ", ScoreNames)}.",
        HelpName = "NAME",
    };

    private readonly Option<string?> precision = new("--precision") { Description = "Numbers of the training's passes: fp32, or bf16 where that is faster (CUDA, some CPUs).", HelpName = "fp32|bf16" };

    private readonly Option<double?> epsilon = TextOption.OfValue(
        "--epsilon", "Radius of the training's attack (linf); by default 4/255 up to 64 px and 2/255 above.", "2/255", ThreatModel.ParseEpsilon);

    private readonly Option<int?> tile = new("--tile")
    {
        Description = "Go through large images in tiles of this side, which the method is trained on; --image-size then is the whole images' size.",
        HelpName = "PIXELS",
        CustomParser = NumberOption.OptionalWithin(16, 1024),
    };

    private readonly Option<double?> overlap = new("--overlap") { Description = "With --tile: share of a tile that its neighbour shows too, 0.25 by default.", HelpName = "SHARE", CustomParser = NumberOption.OptionalWithin(0, 0.75) };

    private readonly Option<string?> tilePlaces = new("--tile-places")
    {
        Description = "With --tile: compare a tile with what is usual at its place (aware, for aligned parts; the default), or with all tiles (alike, for textures).",
        HelpName = "aware|alike",
    };

    private readonly Option<double?> tileContent = new("--tile-content")
    {
        Description = "With --tile: a place is left out where no good image's grey values (0 to 1) vary by this standard deviation; 0.01 by default, 0 keeps all.",
        HelpName = "DEVIATION",
        CustomParser = NumberOption.OptionalWithin(0, 0.5),
    };

    public void AddTo(Command command)
    {
        tilePlaces.AcceptOnlyFromAmong("aware", "alike");
        precision.AcceptOnlyFromAmong("fp32", "bf16");
        score.AcceptOnlyFromAmong([.. ScoreNames]);
        init.AcceptOnlyFromAmong(PackagedBackbone);
        foreach (Option option in (Option[])[preset, config, printConfig, epsilon, epochs, batchSize, precision, score, falseAlarmRate, anomalySource, claimedOrigin, backbone, init, members, tile, overlap, tilePlaces, tileContent]) command.Options.Add(option);
    }

    /// <summary>Whether the command line says what the training computes with.</summary>
    public bool IsPrecisionGiven(CommandContext context) => context.Arguments.GetValue(precision) is not null;

    /// <summary>Whether the command line says how long the training is.</summary>
    public bool AreEpochsGiven(CommandContext context) => context.Arguments.GetValue(epochs) is not null;

    /// <summary>Whether a training of this method takes a preset that its data set decides on, not its usual one.</summary>
    public bool IsPresetOfData(CommandContext context, IDetectionMethod method, AnomalyBenchmark benchmark) =>
        context.Arguments.GetValue(preset) is null && Usual(context, method, benchmark) != Usual(context, method, null);

    public bool IsPrintConfig(CommandContext context) => context.Arguments.GetValue(printConfig);

    /// <summary>The method of a name. COBRA's preset "released" is a method of its own: its views, loss and score are others.</summary>
    public IDetectionMethod Method(CommandContext context, string name) =>
        DetectionMethods.Get(name == CobraDetector.Kind && context.Arguments.GetValue(preset) == "released" ? "cobra-released" : name);

    /// <summary>COBRA's options for images of a size.</summary>
    public CobraOptions Resolve(CommandContext context, int imageSize, AnomalyBenchmark? benchmark = null) =>
        (CobraOptions)Resolve(context, DetectionMethods.Get(CobraDetector.Kind), imageSize, benchmark: benchmark);

    /// <summary>A method's options for images of a size.</summary>
    /// <param name="context">The command's context.</param>
    /// <param name="method">The method.</param>
    /// <param name="imageSize">The longer side of the images in pixels.</param>
    /// <param name="memoryLimit">Bytes that the images may take, and COBRA's whole training; other methods do not bound theirs by it.</param>
    /// <param name="begun">
    /// The options of a training that goes on. They take the place of the preset of that name, which may have become another since, or was
    /// planned by a time; a configuration file and options of the command line count all the same.
    /// </param>
    /// <param name="benchmark">The data set, once it is open: which preset is meant when none is named depends on it.</param>
    /// <param name="isEarly">Whether the data set is still to be opened, and all this is asked again.</param>
    public DetectorOptions Resolve(
        CommandContext context, IDetectionMethod method, int imageSize, long? memoryLimit = null, DetectorOptions? begun = null, AnomalyBenchmark? benchmark = null, bool isEarly = false)
    {
        string name = context.Arguments.GetValue(preset) ?? begun?.Preset ?? Usual(context, method, benchmark);
        if (!method.Presets.Contains(name)) throw new UsageException($"--preset: {method.Name} has the presets {string.Join(", ", method.Presets)}; found '{name}'.");
        DetectorOptions options = method.Preset(name, context.Arguments.GetValue(tile) ?? imageSize);
        // What is kept of a training in tiles is the training of one tile.
        if (begun?.Preset == name) options = begun with { Tiles = begun.Tiles ?? options.Tiles };
        if (context.Arguments.GetValue(config) is { } file) options = ConfigurationFile.Apply(options, file);
        if (context.Arguments.GetValue(epsilon) is { } radius)
            options = TrainingRadius.Set(options, radius) ?? throw new UsageException($"{epsilon.Name}: {method.Name} is not attacked in training here.");
        options = Override(options, method, epochs.Name, "epochs", JsonValue.Create(context.Arguments.GetValue(epochs)));
        options = Override(options, method, batchSize.Name, "batchSize", JsonValue.Create(context.Arguments.GetValue(batchSize)));
        options = Override(options, method, anomalySource.Name, "anomalySource", JsonValue.Create(context.Arguments.GetValue(anomalySource)));
        options = Override(options, method, claimedOrigin.Name, "claimedOrigin", JsonValue.Create(context.Arguments.GetValue(claimedOrigin)));
        options = Override(options, method, score.Name, "score", JsonValue.Create(context.Arguments.GetValue(score)));
        options = Override(options, method, precision.Name, "precision", PrecisionNode(context));
        options = Override(options, method, backbone.Name, "backbone", BackboneNode(options, context.Arguments.GetValue(backbone)));
        if (context.Arguments.GetValue(init) is not null) options = Started(options, method);
        if (context.Arguments.GetValue(members) is { } several) options = SideBySide(options, method, several);
        options = options with { Tiles = Tiles(context, options.Tiles, mayFollow: isEarly && MayHaveTiles(context, method)) };
        options = options with
        {
            Seed = context.Seed ?? options.Seed,
            Calibration = options.Calibration with { FalseAlarmRate = context.Arguments.GetValue(falseAlarmRate) ?? options.Calibration.FalseAlarmRate },
        };
        if (memoryLimit is not null && options is CobraOptions bounded) options = bounded with { MemoryLimit = memoryLimit };
        try
        {
            options.Validate();
            if (!IsPrintConfig(context)) method.RequireFit(options, context.OpenDevice());
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new UsageException(ConfigurationFile.Blame(context.Arguments.GetValue(config), exception.Message));
        }

        return options;
    }

    /// <summary>The preset where none is named.</summary>
    private string Usual(CommandContext context, IDetectionMethod method, AnomalyBenchmark? benchmark)
    {
        string name = benchmark is null || SaysHowItLooks(context) ? method.DefaultPreset : method.PresetFor(benchmark);
        return name == method.DefaultPreset && usual is not null ? usual : name;
    }

    /// <summary>Whether the command line decides on tiles or the network itself.</summary>
    private bool SaysHowItLooks(CommandContext context) => context.Arguments.GetValue(tile) is not null || context.Arguments.GetValue(init) is not null;

    /// <summary>Prints the options in the form that <c>--config</c> reads.</summary>
    public static void Print(CommandContext context, DetectorOptions options) =>
        context.Console.PrintDocument(JsonSerializer.Serialize(options, options.GetType(), CobraJson.Options));

    private JsonNode? BackboneNode(DetectorOptions options, string? chosen) => chosen switch
    {
        null => null,
        PackagedBackbone => CobraJson.ToNode(BackboneOptions.Packaged),
        // Which network is the preset's and the configuration's business.
        RandomBackbone => WithoutWeights(JsonSerializer.SerializeToNode(options, options.GetType(), CobraJson.Options)!["backbone"]),
        _ => CobraJson.ToNode(BackboneOptions.InHouse(InputFile.Existing(backbone.Name, chosen))),
    };

    /// <summary>A method without a backbone says so itself when any node is given.</summary>
    private static JsonNode? WithoutWeights(JsonNode? node) => CobraJson.ToNode((node?.Deserialize<BackboneOptions>(CobraJson.Options) ?? new BackboneOptions()).WithoutWeights());

    /// <summary>How images are divided: by the preset, then by the configuration file, then by the command line.</summary>
    /// <param name="context">The command's context.</param>
    /// <param name="tiles">What preset and file say.</param>
    /// <param name="mayFollow">Whether tiles may still come from the size of images that are not read yet.</param>
    private TileOptions? Tiles(CommandContext context, TileOptions? tiles, bool mayFollow)
    {
        if (context.Arguments.GetValue(tile) is { } side) tiles = (tiles ?? new TileOptions()) with { Size = side };
        if (tiles is null)
        {
            Option? alone = ((Option[])[overlap, tilePlaces, tileContent]).FirstOrDefault(option => context.IsGiven(option));
            return alone is null || mayFollow ? null : throw new UsageException($"{alone.Name} says how tiles are taken. Give their side too: {tile.Name} 224.");
        }

        tiles = tiles with
        {
            Overlap = context.Arguments.GetValue(overlap) ?? tiles.Overlap,
            PositionAware = context.Arguments.GetValue(tilePlaces) is { } places ? places == "aware" : tiles.PositionAware,
            Content = context.Arguments.GetValue(tileContent) ?? tiles.Content,
        };
        try
        {
            tiles.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new UsageException($"{tile.Name}: {exception.Message}");
        }

        return tiles;
    }

    /// <summary>Whether the preset that is named, or one that the data set may decide on, divides images that are large enough.</summary>
    private bool MayHaveTiles(CommandContext context, IDetectionMethod method) => context.Arguments.GetValue(init) is null
        && (context.Arguments.GetValue(preset) is { } named ? [named] : method.Presets).Any(name => method.Preset(name, LargeImage).Tiles is not null);

    private DetectorOptions Started(DetectorOptions options, IDetectionMethod method) => options is CobraOptions cobra
        ? cobra with { Init = PackagedWeights.ImageNet, Network = cobra.Network with { Encoder = BackboneOptions.Packaged.Network } }
        : throw new UsageException($"{init.Name}: {method.Name} has no such option; it is for cobra. A method that compares features takes --backbone.");

    private DetectorOptions SideBySide(DetectorOptions options, IDetectionMethod method, int count) => options is CobraOptions cobra
        ? cobra with { Network = cobra.Network with { Members = count } }
        : throw new UsageException($"{members.Name}: {method.Name} has no such option; it is for cobra.");

    /// <summary>Sets the member that an option of the command line stands for, which not every method has.</summary>
    private static DetectorOptions Override(DetectorOptions options, IDetectionMethod method, string option, string member, JsonNode? value)
    {
        if (value is null) return options;
        JsonObject tree = JsonSerializer.SerializeToNode(options, options.GetType(), CobraJson.Options)!.AsObject();
        if (!tree.ContainsKey(member)) throw new UsageException($"{option}: {method.Name} has no such option. --print-config shows those that it has.");
        tree[member] = value;
        return (DetectorOptions)tree.Deserialize(options.GetType(), CobraJson.Options)!;
    }

    private JsonNode? PrecisionNode(CommandContext context) => context.Arguments.GetValue(precision) switch
    {
        null => null,
        "bf16" => JsonSerializer.SerializeToNode(TrainingPrecision.BFloat16, CobraJson.Options),
        _ => JsonSerializer.SerializeToNode(TrainingPrecision.Full, CobraJson.Options),
    };

    private static IEnumerable<string> ScoreNames => Enum.GetNames<CobraScore>().Select(JsonNamingPolicy.CamelCase.ConvertName);
}
