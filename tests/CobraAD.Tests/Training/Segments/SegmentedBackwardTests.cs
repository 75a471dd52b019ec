using CobraAD.Losses;
using CobraAD.Methods.Cobra.Training;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Torch;
using CobraAD.Training.Segments;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training.Segments;

public sealed class SegmentedBackwardTests
{
    private static readonly PairLayout Layout = new(4, 3);
    private static readonly CobraObjective Objective = new(ContrastiveLosses.Create(new ContrastiveLossOptions()));

    [Theory]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.Cifar, 2, null)]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.Strided, 3, null)]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.ImageNet, 2, null)]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.ImageNet, 7, null)]
    [InlineData(ResNetVariant.ResNet50, ResNetStem.Cifar, 5, null)]
    [InlineData(ResNetVariant.ResNet50, ResNetStem.Strided, 14, null)]
    [InlineData(ResNetVariant.ResNet50, ResNetStem.ImageNet, 3, null)]
    [InlineData(ResNetVariant.WideResNet50x2, ResNetStem.Strided, 1, null)]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.Strided, 4, 2)]
    public void A_step_in_parts_is_the_step_in_one_pass(ResNetVariant variant, ResNetStem stem, int rowsAtOnce, int? members)
    {
        using DisposeScope scope = NewDisposeScope();
        const int rows = 15;
        Step whole = new(variant, stem, float64, rows, members), parts = new(variant, stem, float64, rows, members);

        whole.InOnePass(Coupled);
        parts.InParts(rowsAtOnce, Coupled);

        Assert.Equal(whole.Loss, parts.Loss, 1e-12);
        AssertSame(whole.Found(), parts.Found(), 1e-9);
    }

    [Theory]
    [InlineData(ResNetStem.Cifar, 5)]
    [InlineData(ResNetStem.ImageNet, 8)]
    public void In_float32_they_differ_by_rounding(ResNetStem stem, int rowsAtOnce)
    {
        using DisposeScope scope = NewDisposeScope();
        Step whole = new(ResNetVariant.ResNet18, stem, float32, Layout.Rows), parts = new(ResNetVariant.ResNet18, stem, float32, Layout.Rows);

        whole.InOnePass(OfCobra);
        parts.InParts(rowsAtOnce, OfCobra);

        Dictionary<string, Tensor> expected = whole.Found(), found = parts.Found();
        double largest = expected.Where(IsGradient).Max(entry => Largest(entry.Value));
        Assert.Equal(whole.Loss, parts.Loss, 1e-5);
        Assert.InRange(Distance(expected, found), 0, 1e-5);
        Assert.All(expected, entry => Assert.InRange(Largest(entry.Value - found[entry.Key]), 0, 1e-5 * (IsGradient(entry) ? largest : Largest(entry.Value))));
    }

    [Fact]
    public void In_bfloat16_they_differ_by_its_rounding()
    {
        using DisposeScope scope = NewDisposeScope();
        Step exact = new(ResNetVariant.ResNet18, ResNetStem.ImageNet, float32, Layout.Rows);
        Step whole = new(ResNetVariant.ResNet18, ResNetStem.ImageNet, float32, Layout.Rows), parts = new(ResNetVariant.ResNet18, ResNetStem.ImageNet, float32, Layout.Rows);
        (whole.Network.BFloat16, parts.Network.BFloat16) = (true, true);

        exact.InOnePass(OfCobra);
        whole.InOnePass(OfCobra);
        parts.InParts(5, OfCobra);

        Dictionary<string, Tensor> wanted = exact.Found();
        Assert.InRange(Distance(wanted, parts.Found()), 1e-4, 1.5 * Distance(wanted, whole.Found()));
    }

    [Fact]
    public void Nothing_is_computed_for_images_that_want_no_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Step whole = new(ResNetVariant.ResNet18, ResNetStem.Strided, float64, Layout.Rows), parts = new(ResNetVariant.ResNet18, ResNetStem.Strided, float64, Layout.Rows);
        parts.Images.requires_grad = false;

        whole.InOnePass(OfCobra);
        parts.InParts(5, OfCobra);

        Dictionary<string, Tensor> expected = whole.Found();
        Assert.True(expected.Remove("images"));
        AssertSame(expected, parts.Found(), 1e-9);
    }

    [Fact]
    public void Rows_that_the_loss_itself_makes_of_features_get_their_gradients_too()
    {
        using DisposeScope scope = NewDisposeScope();
        int normals = Layout.Views * Layout.Pairs;
        Step whole = new(ResNetVariant.ResNet18, ResNetStem.Strided, float64, normals), parts = new(ResNetVariant.ResNet18, ResNetStem.Strided, float64, normals);
        using Generator rng = new RandomStreams(2).Create("outliers");
        Tensor outliers = rand([Layout.Pairs, whole.Network.Encoder.FeatureSize], dtype: float64, generator: rng);

        whole.InOnePass(output => WithOutliers(whole.Network, output));
        parts.InParts(5, output => WithOutliers(parts.Network, output));

        Assert.Equal(whole.Loss, parts.Loss, 1e-12);
        AssertSame(whole.Found(), parts.Found(), 1e-9);

        ObjectiveParts WithOutliers(CobraNetwork network, CobraOutput output) => Objective.Outer(
            CobraStep.WithOutliers(output.Embeddings, network.Projection.call(outliers)), CobraStep.WithOutliers(output.Logits, network.Classifier.call(outliers)), Layout);
    }

    [Fact]
    public void Outliers_follow_the_normals_in_every_view()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor normals = tensor(new float[] { 1, 2, 3, 4 }).unsqueeze(1), outliers = tensor(new float[] { 8, 9 }).unsqueeze(1);

        Assert.Equal([1, 2, 8, 9, 3, 4, 8, 9], CobraStep.WithOutliers(normals, outliers).data<float>().ToArray());
    }

    [Fact]
    public void A_loss_of_the_logits_alone_leaves_the_projection_without_gradients()
    {
        using DisposeScope scope = NewDisposeScope();
        CobraObjective classification = new(ContrastiveLosses.Create(new ContrastiveLossOptions { Name = "none" }));
        Step step = new(ResNetVariant.ResNet18, ResNetStem.Strided, float32, Layout.Rows);

        step.InParts(8, output => classification.Outer(output.Embeddings, output.Logits, Layout));

        Assert.All(step.Network.Projection.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.All(step.Network.Classifier.parameters(), parameter => Assert.True(parameter.grad!.ne(0).any().item<bool>()));
    }

    [Fact]
    public void A_step_in_parts_keeps_no_tensor()
    {
        using DisposeScope scope = NewDisposeScope();
        Step step = new(ResNetVariant.ResNet18, ResNetStem.ImageNet, float32, Layout.Rows);
        step.InParts(5, OfCobra);
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        step.InParts(5, OfCobra);

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private static ObjectiveParts OfCobra(CobraOutput output) => Objective.Outer(output.Embeddings, output.Logits, Layout);

    /// <summary>Any number of rows, each of which meets every other.</summary>
    private static ObjectiveParts Coupled(CobraOutput output)
    {
        Tensor contrast = output.Embeddings.mm(output.Embeddings.t()).logsumexp(1).mean(), classification = output.Logits.pow(2).mean();
        return new ObjectiveParts(contrast + classification, contrast, classification);
    }

    /// <summary>Every entry within a share of the largest of its tensor.</summary>
    private static void AssertSame(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found, double tolerance)
    {
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        Assert.All(expected, entry =>
        {
            double scale = Largest(entry.Value), difference = Largest(entry.Value - found[entry.Key]);
            Assert.True(difference <= tolerance * scale, $"{entry.Key}: {difference / scale:G3} of its largest entry, {scale:G3}");
        });
    }

    /// <summary>Euclidean, of the gradients of all weights together, as a share of their norm.</summary>
    private static double Distance(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found)
    {
        KeyValuePair<string, Tensor>[] gradients = [.. expected.Where(IsGradient)];
        return Math.Sqrt(gradients.Sum(entry => Square(entry.Value - found[entry.Key])) / gradients.Sum(entry => Square(entry.Value)));

        double Square(Tensor values) => values.square().sum().to(float64).item<double>();
    }

    private static bool IsGradient(KeyValuePair<string, Tensor> entry) => entry.Key.StartsWith("d ", StringComparison.Ordinal);

    private static double Largest(Tensor values) => values.abs().max().to(float64).item<double>();

    /// <summary>A network and images that are the same in every step; both live in the dispose scope around them.</summary>
    private sealed class Step
    {
        public Step(ResNetVariant variant, ResNetStem stem, ScalarType type, int rows, int? members = null)
        {
            using Generator rng = new RandomStreams(1).Create("weights");
            Network = new CobraNetwork(new CobraNetworkOptions { Encoder = new ResNetOptions { Variant = variant, Stem = stem, WidthFactor = 0.0625 }, EmbeddingSize = 8, Members = members }, rng);
            using (no_grad())
            {
                // Fresh scales are all 1 and fresh offsets all 0; trained ones have either sign.
                foreach ((string name, TorchSharp.Modules.Parameter parameter) in Network.named_parameters())
                {
                    if (name.Contains("bn", StringComparison.Ordinal)) parameter.normal_(name.EndsWith("weight", StringComparison.Ordinal) ? 0.6 : 0.1, 0.4, rng);
                }
            }

            Network.to(type);
            Network.train();
            Images = TestImages.Uniform(rows, 18, type).requires_grad_();
        }

        public CobraNetwork Network { get; }

        public Tensor Images { get; }

        public double Loss { get; private set; }

        public void InOnePass(Func<CobraOutput, ObjectiveParts> loss)
        {
            ObjectiveParts found = loss(Network.call(Images));
            found.Total.backward();
            Loss = found.Total.to(float64).item<double>();
        }

        public void InParts(int rowsAtOnce, Func<CobraOutput, ObjectiveParts> loss)
        {
            using DisposeScope scope = NewDisposeScope();
            ObjectiveParts found = SegmentedBackward.Run(Network, Images, rowsAtOnce, loss);
            Assert.False(found.Total.requires_grad);
            Loss = found.Total.to(float64).item<double>();
        }

        /// <summary>The gradients of weights and images and the running statistics.</summary>
        public Dictionary<string, Tensor> Found()
        {
            Dictionary<string, Tensor> found = [];
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in Network.named_parameters()) found["d " + name] = parameter.grad!;
            foreach ((string name, Tensor buffer) in Network.named_buffers()) found[name] = buffer;
            if (Images.grad is { } gradient) found["images"] = gradient;
            return found;
        }
    }
}
