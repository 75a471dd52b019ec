using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.Csi;
using CobraAD.Methods.Shifts;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.Serialization.Archive;
using CobraAD.Serialization.Tensors;
using CobraAD.Tests.Methods.Cobra;
using CobraAD.Torch;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Csi;

public sealed class CsiTests : IDisposable
{
    private static readonly CsiOptions Small = new()
    {
        Network = new CobraNetworkOptions { Encoder = new ResNetOptions { Stem = ResNetStem.Strided, WidthFactor = 1.0 / 16 }, EmbeddingSize = 16, Classes = 4 },
        Optimizer = new OptimizerOptions { Name = "adam" },
        LearningRate = new LearningRateSchedule { Peak = 2e-3, WarmUpEpochs = 0.5 },
        Epochs = 2,
        BatchSize = 8,
        ScoreViews = 0,
    };

    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void The_loss_is_that_of_all_views_against_all_others_and_of_the_shift()
    {
        const int Images = 3, Shifts = 2, Rows = 2 * Shifts * Images;
        CsiOptions options = Small with { Network = Small.Network with { Classes = Shifts } };
        using Generator rng = new RandomStreams(1).Create("loss");
        Tensor embeddings = randn([Rows, 5], dtype: ScalarType.Float64, generator: rng), logits = randn([Rows, Shifts], dtype: ScalarType.Float64, generator: rng);
        CsiStep step = new(null!, options, CsiMethod.Views(options), new RandomStreams(1));

        double loss = step.Of(new CobraOutput(embeddings, embeddings, logits, logits), Images).item<double>();

        double expected = 0;
        for (int i = 0; i < Rows; i++)
        {
            int partner = (i + Rows / 2) % Rows, shift = i % (Rows / 2) / Images;
            double others = Enumerable.Range(0, Rows).Where(j => j != i).Sum(j => Math.Exp(Cosine(i, j) / 0.5));
            double classes = Enumerable.Range(0, Shifts).Sum(k => Math.Exp(logits[i, k].item<double>()));
            expected += Math.Log(others) - Cosine(i, partner) / 0.5 + Math.Log(classes) - logits[i, shift].item<double>();
        }

        Assert.Equal(expected / Rows, loss, 1e-6);

        double Cosine(int i, int j) => (embeddings[i] * embeddings[j]).sum().item<double>() / (embeddings[i].norm().item<double>() * embeddings[j].norm().item<double>());
    }

    [Fact]
    public void The_cheap_score_is_the_formula_over_the_shifted_images_as_they_are()
    {
        using TemporaryFolder folder = new();
        using ImageSet images = SmallTraining.Images(20);
        using ITrainedDetector detector = DetectionMethods.Train(Small, images);
        detector.Save(folder.File("csi.cobra"));
        using ModelArchive archive = ModelArchive.Read(folder.File("csi.cobra"));
        using Generator rng = new RandomStreams(1).Create("weights");
        using CobraNetwork network = new(Small.Network, rng);
        StateDictionary.Load(network, archive.Group("network"), "the test");
        network.eval();
        using IDisposable frozen = no_grad();
        Tensor training = images.Batch(0, 20), tested = TestImages.Uniform(3, 16);

        // Calibration may have kept images out; the axes say how many were trained on.
        Tensor axes = archive.Group("reference")["axes"];
        double[] expected = new double[3];
        for (int shift = 0; shift < 4; shift++)
        {
            CobraOutput of = network.call(tested.rot90(shift, (2, 3)));
            Tensor features = of.Embeddings.to(ScalarType.Float64), all = network.call(training.rot90(shift, (2, 3))).Embeddings.to(ScalarType.Float64);
            Tensor own = axes[shift];
            for (int i = 0; i < 3; i++)
            {
                double similarity = own.mv(features[i]).max().item<double>() * archive.Group("reference")["similarity"][shift].item<double>();
                double sureness = of.Logits[i, shift].item<float>() * archive.Group("reference")["shift"][shift].item<double>();
                expected[i] -= (similarity + sureness) / 4;
            }

            // Each axis is the direction of one training image under this shift.
            Tensor directions = all / all.norm(1, keepdim: true);
            Assert.True(own.mm(directions.t()).amax([1L]).min().item<double>() > 1 - 1e-4);
        }

        TensorAssert.Close(tensor(expected), detector.Score(tested), 1e-3);
        Assert.Equal("CSI, without views in the score", detector.Name);
    }

    [Fact]
    public void Without_views_an_image_is_seen_once_under_each_shift()
    {
        Tensor images = TestImages.Uniform(2, 8);

        Tensor views = CsiMethod.Views(Small).ForScore(images);

        Assert.Equal([8, 3, 8, 8], views.shape);
        for (int i = 0; i < 2; i++)
        {
            for (int shift = 0; shift < 4; shift++) TensorAssert.SameBits(images[i].rot90(shift, (1, 2)), views[4 * i + shift]);
        }
    }

    [Fact]
    public void Halves_are_exchanged_side_by_side_up_and_down_and_both()
    {
        Tensor images = arange(16, ScalarType.Float32).view(1, 1, 4, 4).expand(1, 3, 4, 4);

        Tensor views = CsiMethod.Views(Small with { Shift = CsiShift.Permutation }).ForScore(images);

        Assert.Equal([0f, 2, 8, 10], views.select(1, 0).select(1, 0).select(1, 0).data<float>().ToArray());
        Assert.Equal([10f, 11, 8, 9], views[3, 0, 0].contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Views_of_the_score_depend_on_no_neighbour_and_have_true_derivatives()
    {
        CsiOptions options = Small with { ScoreViews = 2, Augmentation = new LightAugmentationOptions { MinCropArea = 0.08 } };
        ShiftViews views = CsiMethod.Views(options);
        Tensor images = (TestImages.Uniform(3, 8, ScalarType.Float64) * 0.6 + 0.2).requires_grad_();
        Tensor direction = TestImages.Uniform(3, 8, ScalarType.Float64, seed: 2) - 0.5, weights = TestImages.Uniform(24, 8, ScalarType.Float64, seed: 3);

        TensorAssert.SameBits(views.ForScore(images).narrow(0, 8, 8), views.ForScore(images.narrow(0, 1, 1)));
        autograd.backward([(views.ForScore(images) * weights).sum()], inputs: [images]);

        using IDisposable frozen = no_grad();
        double told = (images.grad! * direction).sum().item<double>();
        double measured = ((views.ForScore(images + 1e-6 * direction) - views.ForScore(images - 1e-6 * direction)) * weights).sum().item<double>() / 2e-6;
        Assert.Equal(measured, told, 1e-4 * Math.Abs(measured) + 1e-6);
    }

    [Theory]
    [InlineData("classes", "no more quarter turns")]
    [InlineData("views", "0")]
    public void Options_without_a_meaning_are_refused(string what, string reason)
    {
        CsiOptions options = what == "classes" ? Small with { Network = Small.Network with { Classes = 5 } } : Small with { ScoreViews = -1 };

        Assert.Contains(reason, Assert.ThrowsAny<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }
}
