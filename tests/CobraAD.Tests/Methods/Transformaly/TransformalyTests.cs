using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Transformaly;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Networks.Transformer;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Transformaly;

public sealed class TransformalyTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    private const int Heads = 2, Depth = 4, Skipped = 2;

    [Fact]
    public void The_score_is_that_of_a_second_computation_in_double_precision()
    {
        using TemporaryFolder folder = new();
        using DisposeScope scope = NewDisposeScope();
        string path = folder.File("model.cobra");
        trained["transformaly"].Save(path);
        using ModelArchive archive = ModelArchive.Read(path);
        Dictionary<string, Tensor> teacher = Doubles(archive.Group("backbone")), students = Doubles(archive.Group("students"));

        // Training used all images: the detector's threshold comes from images that it held out.
        using CalibrationSplit split = new(trained.Train, trained["transformaly"].Card.Options.Calibration, trained["transformaly"].Card.Options.Seed);
        (Tensor trainErrors, Tensor trainFeatures) = Compare(split.Training.Batch(0, split.Training.Count).to(float64));
        Tensor images = trained.Test.Batch(0, 6);
        (Tensor errors, Tensor features) = Compare(images.to(float64));
        Tensor expected = -(Whitened(trainFeatures, features) + LogDensity(trainErrors, errors));

        Tensor found = trained["transformaly"].Score(images);

        // The detector's networks run in single precision, and its log-densities amplify that.
        TensorAssert.Close(expected, found, 2e-3 * expected.abs().max().item<double>());

        // [B, Depth - Skipped] negative errors, and the class tokens: everything from the published formulas, nothing from the library's modules.
        (Tensor Errors, Tensor Features) Compare(Tensor x)
        {
            Tensor small = nn.functional.interpolate(x, [16, 16], mode: InterpolationMode.Bilinear, align_corners: false);
            Tensor patches = nn.functional.conv2d(small * 2 - 1, teacher["conv_proj.weight"], teacher["conv_proj.bias"], strides: [4, 4]).flatten(2).transpose(1, 2);
            Tensor tokens = cat([teacher["class_token"].expand(x.size(0), 1, -1), patches], 1) + teacher["encoder.pos_embedding"];
            List<Tensor> columns = [];
            for (int block = 0; block < Depth; block++)
            {
                Tensor next = Block(tokens, teacher, $"encoder.layers.encoder_layer_{block}.");
                if (block >= Skipped) columns.Add(-(Block(tokens, students, $"block{block}.") - next).square().mean([1, 2]));
                tokens = next;
            }

            return (stack(columns, 1), Norm(tokens.select(1, 0), teacher, "encoder.ln."));
        }
    }

    [Fact]
    public void Students_learn_to_imitate_their_blocks()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        using VisionTransformer teacher = new(new VisionTransformerOptions { PatchSize = 4, ImageSize = 16, Width = 16, Depth = 3, Heads = 2, HiddenWidth = 32 }, rng);
        using StudentBlocks students = new(teacher, 1, rng);
        Tensor images = TestImages.Uniform(3, 16);

        // A student with its block's weights makes no error.
        Dictionary<string, Tensor> own = students.state_dict(), wanted = teacher.state_dict();
        using (no_grad()) foreach ((string name, Tensor value) in own.Where(pair => pair.Key.StartsWith("block2.", StringComparison.Ordinal))) value.copy_(wanted[$"encoder.layers.encoder_layer_{name.Replace("block2.", "2.", StringComparison.Ordinal)}"]);
        (Tensor errors, Tensor feature) = students.Compare(teacher, images);

        Assert.Equal([3, 2], errors.shape);
        Assert.True(errors.select(1, 0).gt(1e-3).all().item<bool>());
        Assert.True(errors.select(1, 1).eq(0).all().item<bool>());
        TensorAssert.SameBits(teacher.call(images), feature);
    }

    [Theory]
    [InlineData(ResNetVariant.ResNet18, 8)]
    [InlineData(ResNetVariant.ResNet50, 16)]
    public void A_residual_network_stands_in_with_its_own_blocks_and_the_name_says_so(ResNetVariant variant, int blocks)
    {
        BackboneOptions backbone = new() { Network = new ResNetOptions { Variant = variant, Stem = ResNetStem.Strided, WidthFactor = 1 / 16.0 } };
        using ImageSet few = trained.Train.Subset([.. Enumerable.Range(0, 24)]);

        using ITrainedDetector detector = DetectionMethods.Train(((TransformalyOptions)TrainedMethods.TinyOptions("transformaly")) with { Backbone = backbone, Epochs = 1 }, few);
        using Tensor images = trained.Test.Batch(0, 4);
        using Tensor outputs = detector.Outputs(images)!;
        using Tensor score = detector.Score(images);

        Assert.StartsWith("Transformaly, reduced to a residual network", detector.Name, StringComparison.Ordinal);
        Assert.InRange(outputs.size(1), blocks - Skipped + 1, blocks - Skipped + 23);
        Assert.True(score.isfinite().all().item<bool>());
    }

    [Fact]
    public void A_transformer_of_another_size_is_refused_with_what_the_file_holds()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("vit.safetensors");
        using Generator rng = new(1, CPU);
        using (VisionTransformer other = new(new VisionTransformerOptions { PatchSize = 8, ImageSize = 32, Width = 24, Depth = 3, Heads = 2, HiddenWidth = 40 }, rng))
            Safetensors.Write(path, other.state_dict(), new Dictionary<string, string>());
        TransformalyOptions vit = (TransformalyOptions)DetectionMethods.Get("transformaly").Preset("vit", 224);
        TransformalyOptions options = vit with { SkippedBlocks = 1, Backbone = vit.Backbone with { File = path, Transformer = vit.Backbone.Transformer! with { Depth = 2, Width = 48, Heads = 2, HiddenWidth = 48 } } };

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => DetectionMethods.Train(options, trained.Train));

        Assert.Contains("do not fit ViT of 2 blocks, width 48", error.Message, StringComparison.Ordinal);
        Assert.Contains("The file holds a vision transformer of 3 blocks, width 24, hidden width 40, patches of 8 px, for 32 px.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_skipped_blocks_than_the_teacher_has_are_refused()
    {
        TransformalyOptions tiny = (TransformalyOptions)TrainedMethods.TinyOptions("transformaly");

        Assert.Throws<ArgumentOutOfRangeException>(() => (tiny with { SkippedBlocks = 4 }).Validate());
        ArgumentException error = Assert.Throws<ArgumentException>(() => DetectionMethods.Train(
            tiny with { SkippedBlocks = 9, Backbone = new BackboneOptions { Network = new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 1 / 16.0 } } }, trained.Train));
        Assert.Contains("its teacher has only 8", error.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, Tensor> Doubles(IReadOnlyDictionary<string, Tensor> tensors) => tensors.ToDictionary(pair => pair.Key, pair => pair.Value.to(float64));

    private static Tensor Norm(Tensor t, Dictionary<string, Tensor> weights, string name)
    {
        Tensor centred = t - t.mean([-1], keepdim: true);
        return centred / (centred.square().mean([-1], keepdim: true) + 1e-6).sqrt() * weights[name + "weight"] + weights[name + "bias"];
    }

    private static Tensor Linear(Tensor t, Dictionary<string, Tensor> weights, string name, string join = ".") =>
        t.reshape(-1, t.size(-1)).mm(weights[name + join + "weight"].t()).view(t.size(0), t.size(1), -1) + weights[name + join + "bias"];

    private static Tensor Block(Tensor tokens, Dictionary<string, Tensor> weights, string name)
    {
        Tensor projected = Linear(Norm(tokens, weights, name + "ln_1."), weights, name + "self_attention.in_proj", "_");
        long width = tokens.size(2), part = width / Heads;
        List<Tensor> heads = [];
        for (int head = 0; head < Heads; head++)
        {
            Tensor query = projected.narrow(2, head * part, part), key = projected.narrow(2, width + head * part, part), value = projected.narrow(2, 2 * width + head * part, part);
            Tensor weight = (query.bmm(key.transpose(1, 2)) / Math.Sqrt(part)).exp();
            heads.Add((weight / weight.sum([2], keepdim: true)).bmm(value));
        }

        Tensor attended = tokens + Linear(cat(heads, 2), weights, name + "self_attention.out_proj");
        Tensor hidden = Linear(Norm(attended, weights, name + "ln_2."), weights, name + "mlp.0");
        return attended + Linear(hidden * (1 + special.erf(hidden / Math.Sqrt(2))) / 2, weights, name + "mlp.3");
    }

    private static Tensor Whitened(Tensor rows, Tensor query)
    {
        Tensor mean = rows.mean([0], keepdim: true);
        (_, Tensor singular, Tensor transposed) = linalg.svd(rows - mean, fullMatrices: false);
        double[] variances = singular.square().data<double>().ToArray();
        double sum = 0, whole = variances.Sum();
        int kept = Math.Max(1, variances.TakeWhile(variance => (sum += variance) / whole <= 0.9).Count());
        Tensor whitening = transposed.narrow(0, 0, kept).t() * Math.Sqrt(rows.size(0) - 1) / singular.narrow(0, 0, kept);
        return LogDensity((rows - mean).mm(whitening), (query - mean).mm(whitening));
    }

    /// <summary>By the inverse of the covariance and its determinant.</summary>
    private static Tensor LogDensity(Tensor rows, Tensor query)
    {
        Tensor mean = rows.mean([0], keepdim: true), centred = rows - mean, way = query - mean;
        Tensor covariance = centred.t().mm(centred) / rows.size(0) + 1e-6 * eye(rows.size(1), dtype: ScalarType.Float64);
        return -0.5 * (rows.size(1) * Math.Log(2 * Math.PI) + linalg.det(covariance).log() + (way.mm(linalg.inv(covariance)) * way).sum([1]));
    }
}
