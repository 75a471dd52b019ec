using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Export;
using CobraAD.Imaging;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Cobra.Bank;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Runtime;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Export;

/// <summary>A detector, exported and loaded in CobraAD.Runtime, against itself in TorchSharp.</summary>
public sealed class OnnxExportTests : IDisposable
{
    private const int Size = 48;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string folder = Directory.CreateTempSubdirectory("cobra-export-").FullName;

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    public static TheoryData<ResNetStem, CobraScore> Detectors => new()
    {
        { ResNetStem.Cifar, CobraScore.Similarity },
        { ResNetStem.ImageNet, CobraScore.Similarity },
        { ResNetStem.Strided, CobraScore.Sum },
        { ResNetStem.Strided, CobraScore.Classifier },
        { ResNetStem.Strided, CobraScore.InnerProduct },
    };

    [Theory]
    [MemberData(nameof(Detectors))]
    public void The_runtime_gives_the_scores_of_training_for_image_files_of_any_size_and_kind(ResNetStem stem, CobraScore kind)
    {
        string[] files = WritePictures();
        using CobraDetector detector = RandomDetector(stem, kind);
        (double[] expected, long[] nearest) = ScoreInTorch(detector, files);
        string path = Path.Combine(folder, "model.onnx");
        OnnxExport.Write(detector, path);

        using RobustDetector runtime = RobustDetector.Load(path, new RobustDetectorOptions { Threads = 1 });
        ScoreResult[] results = [.. files.Select(runtime.Score)];

        for (int i = 0; i < files.Length; i++)
        {
            Assert.Equal(expected[i], results[i].Score, 1e-5 * Math.Max(1, Math.Abs(expected[i])));
            Assert.Equal(expected[i] > detector.Threshold, results[i].IsAnomalous);
            Assert.Equal(detector.Calibrate(results[i].Score), results[i].Calibrated, 1e-9);
            Assert.Equal(nearest[i], results[i].NearestIndex);
        }
    }

    [Fact]
    public void The_model_resizes_by_itself_as_the_runtime_does()
    {
        string[] files = WritePictures();
        using CobraDetector detector = RandomDetector(ResNetStem.ImageNet, CobraScore.Similarity);
        (double[] expected, _) = ScoreInTorch(detector, files);
        string path = Path.Combine(folder, "model.onnx");
        OnnxExport.Write(detector, path);

        using OnnxRun model = new(path);
        for (int i = 0; i < files.Length; i++)
        {
            RgbImage image = new ImageReader().Read(files[i]);
            Tensor pixels = tensor(image.Pixels.ToArray(), [1, 3, image.Height, image.Width]).permute(0, 2, 3, 1);
            Assert.Equal(expected[i], model.Run(("image", pixels))["score"].item<double>(), 1e-5);
        }
    }

    [Fact]
    public void The_model_says_what_it_is()
    {
        using CobraDetector detector = RandomDetector(ResNetStem.Strided, CobraScore.Sum);
        string path = Path.Combine(folder, "model.onnx");
        OnnxExport.Write(detector, path, new OnnxExportOptions
        {
            ModelHash = "abc",
            DataLicence = "CC BY-NC-SA 4.0",
            Precision = OnnxPrecision.Half,
            Robustness = RobustnessShift.Estimate(0.01, "PGD", [0, 0, 1], [0.5, 0.25, 0.75], [false, false, true]),
        });

        using RobustDetector runtime = RobustDetector.Load(path);
        ModelInfo model = runtime.Model;

        Assert.Equal(("abc", "CC BY-NC-SA 4.0", "float16", "sum"), (model.ModelHash, model.DataLicence, model.Precision, model.ScoreKind));
        Assert.Equal((Size, Size, detector.Bank.Count), (model.InputHeight, model.InputWidth, model.BankSize));
        Assert.Equal((detector.Card.Calibration.Threshold, detector.Card.Calibration.Scale), (model.Threshold, model.Scale));
        Assert.Equal(new RobustnessEstimate(0.01, 0.5, 0.25, "PGD"), model.Robustness);
        Assert.Equal("random", (string?)model.Data!["name"]);
        Assert.Equal(CobraJson.ToNode(detector.Card.Options)!.ToJsonString(), model.Options!.ToJsonString());
        Assert.Equal(ModelArchive.Fingerprint(path), model.FileHash);
    }

    [Fact]
    public void A_model_for_real_numbers_is_refused_by_the_runtime_and_scores_the_same()
    {
        using CobraDetector detector = RandomDetector(ResNetStem.Strided, CobraScore.Similarity);
        string path = Path.Combine(folder, "model.onnx");
        OnnxExport.Write(detector, path, new OnnxExportOptions { Images = OnnxImageForm.Floats });
        Tensor images = TestImages.Uniform(3, Size);

        using OnnxRun model = new(path);

        TensorAssert.Close(detector.Score(images), model.Run(("image", images))["score"], 1e-5);
        Assert.Throws<ModelRejectedException>(() => RobustDetector.Load(path));
    }

    [Fact]
    public void A_failed_export_leaves_the_old_file()
    {
        using CobraDetector detector = RandomDetector(ResNetStem.Strided, CobraScore.Similarity);
        string path = Path.Combine(folder, "model.onnx");
        File.WriteAllText(path, "old");

        Assert.Throws<ArgumentOutOfRangeException>("Precision", () => OnnxExport.Write(detector, path, new OnnxExportOptions { Precision = (OnnxPrecision)9 }));

        Assert.Equal("old", File.ReadAllText(path));
    }

    private static CobraDetector RandomDetector(ResNetStem stem, CobraScore kind)
    {
        using Generator rng = new(11, CPU);
        CobraOptions options = new() { Network = new CobraNetworkOptions { Encoder = new ResNetOptions { Stem = stem, WidthFactor = 0.25 }, EmbeddingSize = 32 }, Score = kind };
        CobraNetwork network = new(options.Network, rng);
        network.eval();
        using Tensor images = rand([30, 3, Size, Size], generator: rng);
        using IDisposable frozen = no_grad();
        EmbeddingBank bank = new(network.Embed(images));
        ScoreCalibration calibration = new(kind == CobraScore.Classifier ? 0.5 : -0.9, 0.01, 0.05, 0.1, 20, true);
        return new CobraDetector(network, bank, new CobraModelCard(options, new ModelData("random", "folder", 30, Size, Size, ""), calibration, new CobraHealth(null!, [], 0)));
    }

    private static (double[] Scores, long[] Nearest) ScoreInTorch(CobraDetector detector, string[] files)
    {
        using ReadImages read = DatasetLoader.ReadImages(files, Size, framing: null);
        Tensor images = read.Images.Batch(0, files.Length);
        return (detector.ScoreAll(read.Images), detector.NearestTrainingImages(images));
    }

    /// <summary>Pictures with smooth and sharp parts: larger and smaller than the network's input, grey, transparent.</summary>
    private string[] WritePictures()
    {
        return
        [
            Write("same.png", Size, Size, SKColorType.Rgba8888, SKEncodedImageFormat.Png),
            Write("large.png", 301, 222, SKColorType.Rgba8888, SKEncodedImageFormat.Png),
            Write("photo.jpg", 640, 480, SKColorType.Rgba8888, SKEncodedImageFormat.Jpeg),
            Write("small.webp", 31, 20, SKColorType.Rgba8888, SKEncodedImageFormat.Webp),
            Write("grey.png", 100, 90, SKColorType.Gray8, SKEncodedImageFormat.Png),
        ];

        string Write(string name, int width, int height, SKColorType type, SKEncodedImageFormat format)
        {
            using SKBitmap bitmap = new(new SKImageInfo(width, height, type, type == SKColorType.Gray8 ? SKAlphaType.Opaque : SKAlphaType.Unpremul));
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    byte wave = (byte)(127 + 120 * Math.Sin(0.07 * x + 0.0009 * x * y));
                    bitmap.SetPixel(x, y, new SKColor(wave, (byte)(255 * x / width), (byte)((x / 9 + y / 7) % 2 * 200), (byte)(name == "large.png" ? 128 : 255)));
                }
            }

            using SKData data = bitmap.Encode(format, 90);
            string path = Path.Combine(folder, name);
            File.WriteAllBytes(path, data.ToArray());
            return path;
        }
    }
}
