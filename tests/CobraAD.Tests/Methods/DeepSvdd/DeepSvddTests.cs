using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Methods;
using CobraAD.Methods.DeepSvdd;
using CobraAD.Tests.Methods.Cobra;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.DeepSvdd;

public sealed class DeepSvddTests(TrainedMethods trained) : IClassFixture<TrainedMethods>
{
    private static readonly DeepSvddOptions Tiny = (DeepSvddOptions)TrainedMethods.TinyOptions("deepsvdd");

    [Fact]
    public void The_score_is_the_squared_length_of_the_outputs()
    {
        using DisposeScope scope = NewDisposeScope();
        ITrainedDetector detector = trained["deepsvdd"];
        Tensor images = trained.Test.Batch(0, 8);

        TensorAssert.Close(detector.Outputs(images)!.to(float64).square().sum([1]), detector.Score(images), 1e-6);
    }

    [Fact]
    public void Contrast_normalization_ignores_brightness_and_contrast()
    {
        using DisposeScope scope = NewDisposeScope();
        ContrastNormalization normalization = new(-3, 5);
        Tensor images = TestImages.Uniform(2, 8);

        TensorAssert.Close(normalization.Apply(images), normalization.Apply(images * 0.5 + 0.25), 1e-5);
    }

    [Fact]
    public void An_image_of_one_colour_has_a_finite_score_and_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor grey = full([1, 3, 32, 32], 0.5, dtype: float32).requires_grad_();

        Tensor score = trained["deepsvdd"].Score(grey);
        autograd.backward([score.sum()], inputs: [grey]);

        Assert.True(score.isfinite().all().item<bool>());
        Assert.True(grey.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void With_a_soft_boundary_about_a_share_of_nu_of_the_training_images_lies_outside()
    {
        DeepSvddOptions options = Tiny with { Objective = DeepSvddObjective.SoftBoundary, OutlierShare = 0.3 };

        using ITrainedDetector detector = DetectionMethods.Train(options, trained.Train);

        double outside = detector.ScoreAll(trained.Train).Count(score => score > 0) / (double)trained.Train.Count;
        Assert.InRange(outside, 0.05, 0.7);
        Assert.Equal("DeepSVDD, soft boundary", detector.Name);
    }

    [Theory]
    [InlineData(28)]
    [InlineData(20)]
    public void Any_size_that_survives_the_poolings_is_accepted(int side)
    {
        using ImageSet images = SmallTraining.Images(side: side);

        using ITrainedDetector detector = DetectionMethods.Train(Tiny with { PretrainingEpochs = 1, Epochs = 1 }, images);

        Assert.All(detector.ScoreAll(images), score => Assert.True(double.IsFinite(score)));
    }

    [Fact]
    public void Images_too_small_for_the_network_are_refused()
    {
        using ImageSet images = SmallTraining.Images(side: 4);

        Assert.Throws<ArgumentException>(() => DetectionMethods.Train(new DeepSvddOptions(), images));
    }

    [Fact]
    public void Options_outside_their_range_are_refused_by_name()
    {
        (string Name, DeepSvddOptions Options)[] cases =
        [
            ("OutlierShare", Tiny with { OutlierShare = 0 }),
            ("Channels", Tiny with { Channels = [] }),
            ("EmbeddingSize", Tiny with { EmbeddingSize = 40 }),
            ("Epochs", Tiny with { Epochs = 0 }),
            ("LearningRate", Tiny with { LearningRate = double.NaN }),
            ("BatchSize", Tiny with { BatchSize = 1 }),
            ("Objective", Tiny with { Objective = (DeepSvddObjective)9 }),
        ];

        Assert.All(cases, item => Assert.Equal(item.Name, Assert.Throws<ArgumentOutOfRangeException>(item.Options.Validate).ParamName));
    }
}
