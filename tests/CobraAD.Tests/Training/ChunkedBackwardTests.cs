using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Training;

public sealed class ChunkedBackwardTests
{
    private static readonly PairLayout Layout = new(4, 3);
    private static readonly CobraObjective Objective = new(ContrastiveLoss.Create(new ContrastiveLossOptions()));

    [Theory]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(23)]
    public void Where_rows_do_not_meet_the_gradients_are_those_of_one_pass(int rowsAtOnce)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        network.eval();
        Tensor rows = TestImages.Uniform(Layout.Rows, 16);

        double whole = OnePass(network, rows);
        Dictionary<string, Tensor> expected = Gradients(network);
        ObjectiveParts loss = ChunkedBackward.Run(network, rows, rowsAtOnce, Loss);

        Assert.Equal(whole, loss.Total.item<float>(), 1e-5);
        Assert.False(loss.Total.requires_grad);
        AssertClose(expected, Gradients(network));
    }

    [Fact]
    public void With_batch_statistics_the_gradients_are_those_of_the_loss_of_batches_normalised_in_parts()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        network.train();
        Tensor rows = TestImages.Uniform(Layout.Rows, 16);
        Tensor[] parts = ChunkedBackward.Parts(rows, 8);

        List<CobraOutput> outputs = [.. parts.Select(part => network.call(rows.index_select(0, part)))];
        Tensor place = cat(parts).argsort();
        Objective.Outer(
            cat([.. outputs.Select(output => output.Embeddings)]).index_select(0, place),
            cat([.. outputs.Select(output => output.Logits)]).index_select(0, place), Layout).Total.backward();
        Dictionary<string, Tensor> expected = Gradients(network);
        ChunkedBackward.Run(network, rows, 8, Loss);

        AssertClose(expected, Gradients(network));
    }

    [Fact]
    public void Rows_that_the_loss_itself_makes_of_features_get_their_gradients_too()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        using Generator rng = new RandomStreams(2).Create("outliers");
        network.eval();
        Tensor normals = TestImages.Uniform(Layout.Views * Layout.Pairs, 16), outliers = rand([Layout.Pairs, network.Encoder.FeatureSize], generator: rng);

        ObjectiveParts whole = WithOutliers(network.call(normals));
        whole.Total.backward();
        Dictionary<string, Tensor> expected = Gradients(network);
        ObjectiveParts loss = ChunkedBackward.Run(network, normals, 5, WithOutliers);

        Assert.Equal(whole.Total.item<float>(), loss.Total.item<float>(), 1e-5);
        AssertClose(expected, Gradients(network));

        ObjectiveParts WithOutliers(CobraOutput output) => Objective.Outer(
            TrainingStep.WithOutliers(output.Embeddings, network.Projection.call(outliers)), TrainingStep.WithOutliers(output.Logits, network.Classifier.call(outliers)), Layout);
    }

    [Fact]
    public void Outliers_follow_the_normals_in_every_view()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor normals = tensor(new float[] { 1, 2, 3, 4 }).unsqueeze(1), outliers = tensor(new float[] { 8, 9 }).unsqueeze(1);

        Assert.Equal([1, 2, 8, 9, 3, 4, 8, 9], TrainingStep.WithOutliers(normals, outliers).data<float>().ToArray());
    }

    [Fact]
    public void A_loss_of_the_logits_alone_leaves_the_projection_without_gradients()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        network.eval();
        CobraObjective classification = new(ContrastiveLoss.Create(new ContrastiveLossOptions { Name = "none" }));

        ChunkedBackward.Run(network, TestImages.Uniform(Layout.Rows, 16), 8, output => classification.Outer(output.Embeddings, output.Logits, Layout));

        Assert.All(network.Projection.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.All(network.Classifier.parameters(), parameter => Assert.True(parameter.grad!.ne(0).any().item<bool>()));
    }

    [Fact]
    public void Running_statistics_move_once_for_each_part()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = CreateNetwork();
        network.train();
        Tensor rows = TestImages.Uniform(Layout.Rows, 16);
        Tensor counted = network.state_dict()["encoder.bn1.num_batches_tracked"];
        long before = counted.item<long>();

        ChunkedBackward.Run(network, rows, 6, Loss);

        Assert.Equal(before + 4, counted.item<long>());
    }

    [Fact]
    public void Every_part_has_rows_of_both_classes_and_of_every_view()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] parts = ChunkedBackward.Parts(zeros(Layout.Rows), 8);

        Assert.Equal(Enumerable.Range(0, Layout.Rows).Select(row => (long)row), parts.SelectMany(part => part.data<long>().ToArray()).Order());
        Assert.All(parts, part =>
        {
            long[] rows = part.data<long>().ToArray();
            Assert.True(rows.Length <= 8);
            Assert.Equal(Layout.Views, rows.Select(row => row / Layout.Samples).Distinct().Count());
            Assert.Equal(2, rows.Select(row => row % Layout.Samples < Layout.Pairs).Distinct().Count());
        });
    }

    private static ObjectiveParts Loss(CobraOutput output) => Objective.Outer(output.Embeddings, output.Logits, Layout);

    private static double OnePass(CobraNetwork network, Tensor rows)
    {
        CobraOutput output = network.call(rows);
        Tensor total = Objective.Outer(output.Embeddings, output.Logits, Layout).Total;
        total.backward();
        return total.item<float>();
    }

    /// <summary>The gradients, which start from nothing again.</summary>
    private static Dictionary<string, Tensor> Gradients(CobraNetwork network)
    {
        Dictionary<string, Tensor> gradients = [];
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in network.named_parameters())
        {
            gradients[name] = parameter.grad!;
            parameter.grad = null;
        }

        return gradients;
    }

    private static void AssertClose(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found)
    {
        double scale = expected.Values.Max(gradient => gradient.abs().max().item<float>());
        Assert.All(expected, entry => Assert.InRange((entry.Value - found[entry.Key]).abs().max().item<float>(), 0, 1e-5 * Math.Max(1, scale)));
    }

    private static CobraNetwork CreateNetwork()
    {
        using Generator rng = new RandomStreams(1).Create("weights");
        return new CobraNetwork(new CobraNetworkOptions { Encoder = new ResNetOptions { WidthFactor = 0.125 }, EmbeddingSize = 8 }, rng);
    }
}
