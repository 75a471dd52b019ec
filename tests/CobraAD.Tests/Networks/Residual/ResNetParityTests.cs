using System.Text.Json;
using CobraAD.Losses;
using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Optimization;
using CobraAD.Tests.Golden;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Networks.Residual;

/// <summary>The network against the executed reference implementation, in float64.</summary>
public sealed class ResNetParityTests
{
    private const double Tolerance = 1e-9;

    [Theory]
    [InlineData("resnet18_cifar_parity.json", ResNetStem.Cifar)]
    [InlineData("resnet18_imagenet_parity.json", ResNetStem.ImageNet)]
    public void Every_stage_in_evaluation_mode_equals_the_reference(string file, ResNetStem stem)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        (CobraNetwork network, Tensor images, JsonElement golden) = Load(file, stem);
        network.eval();

        IReadOnlyList<Tensor> maps = network.Encoder.FeatureMaps(images);
        CobraOutput output = network.call(images);

        JsonElement expected = golden.GetProperty("eval");
        foreach ((JsonElement stage, Tensor map) in expected.GetProperty("stages").EnumerateArray().Zip(maps)) AssertSummary(stage, map);
        AssertOutput(expected, output);
    }

    [Theory]
    [InlineData("resnet18_cifar_parity.json", ResNetStem.Cifar)]
    [InlineData("resnet18_imagenet_parity.json", ResNetStem.ImageNet)]
    public void Training_mode_and_its_running_statistics_equal_the_reference(string file, ResNetStem stem)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        (CobraNetwork network, Tensor images, JsonElement golden) = Load(file, stem);
        network.train();

        CobraOutput output = network.call(images);

        AssertOutput(golden.GetProperty("train"), output);
        Dictionary<string, Tensor> buffers = network.named_buffers().ToDictionary(b => b.name, b => b.buffer);
        foreach (JsonProperty statistic in golden.GetProperty("train").GetProperty("bn_running_after_one_forward").EnumerateObject())
            AssertSummary(statistic.Value.GetProperty("summ"), buffers["encoder." + statistic.Name]);
    }

    [Theory]
    [InlineData("resnet18_cifar_parity.json", ResNetStem.Cifar)]
    [InlineData("resnet18_imagenet_parity.json", ResNetStem.ImageNet)]
    public void The_loss_every_gradient_and_a_lars_step_equal_the_reference(string file, ResNetStem stem)
    {
        using DisposeScope scope = NewDisposeScope();
        (CobraNetwork network, Tensor images, JsonElement golden) = Load(file, stem);
        JsonElement expected = golden.GetProperty("loss");
        network.train();
        Tensor input = images.requires_grad_();
        PairLayout layout = new(Pairs: 1, Views: 4);
        using Optimizer optimizer = Optimizers.Create(new OptimizerOptions(), network.named_parameters());

        CobraOutput output = network.call(input);
        ObjectiveParts loss = new CobraObjective(ContrastiveLosses.Create(new ContrastiveLossOptions { Name = "ntxent", Stabilizer = 1e-8 })).Outer(output.Embeddings, output.Logits, layout);
        loss.Total.backward();
        double norm = Math.Sqrt(network.parameters().Sum(parameter => parameter.grad!.square().sum().item<double>()));

        Assert.Equal(expected.GetProperty("nt_xent").GetDouble(), loss.Contrastive.item<double>(), Tolerance);
        Assert.Equal(expected.GetProperty("ce").GetDouble(), loss.Classification.item<double>(), Tolerance);
        Assert.Equal(expected.GetProperty("grad_norm_total").GetDouble(), norm, Tolerance * 100);
        AssertSummary(expected.GetProperty("input_grad"), input.grad!);
        Dictionary<string, TorchSharp.Modules.Parameter> parameters = network.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (JsonProperty gradient in expected.GetProperty("param_grads").EnumerateObject())
        {
            Tensor found = parameters[ParityWeights.OurName(gradient.Name)!].grad!;
            double length = gradient.Value.GetProperty("norm").GetDouble();
            Assert.Equal(length, found.norm().item<double>(), Tolerance * Math.Max(1, length));
            Tensor first = gradient.Value.GetProperty("first3").Array();
            TensorAssert.Close(first, found.flatten().narrow(0, 0, first.numel()), Tolerance);
        }

        optimizer.LearningRate = 0.1;
        optimizer.Step();

        foreach (JsonProperty after in golden.GetProperty("after_one_lars_step_lr0.1").EnumerateObject())
        {
            Tensor found = parameters[ParityWeights.OurName(after.Name)!];
            Tensor first = after.Value.GetProperty("first5").Array();
            TensorAssert.Close(first, found.flatten().narrow(0, 0, first.numel()), Tolerance);
            Assert.Equal(after.Value.GetProperty("norm").GetDouble(), found.norm().item<double>(), Tolerance * 100);
        }
    }

    private static (CobraNetwork Network, Tensor Images, JsonElement Golden) Load(string file, ResNetStem stem)
    {
        JsonElement golden = GoldenFile.Read(file).GetProperty("cases")[0];
        using Generator rng = new RandomStreams(1).Create("weights");
        CobraNetwork network = new(new CobraNetworkOptions { Encoder = new ResNetOptions { Stem = stem } }, rng);
        network.to(float64);
        ParityWeights.Fill(network, golden.GetProperty("tensors"));
        return (network, ParityWeights.Images(golden.GetProperty("batch").GetInt32(), golden.GetProperty("input_size").GetInt32()), golden);
    }

    private static void AssertOutput(JsonElement expected, CobraOutput output)
    {
        AssertSummary(expected.GetProperty("features"), output.Features);
        double[] row = expected.GetProperty("features_row0").Vector();
        TensorAssert.Close(tensor(row), output.Features[0].slice(0, 0, row.Length, 1), Tolerance);
        Tensor embeddings = expected.GetProperty("simclr").Array();
        TensorAssert.Close(embeddings, output.Embeddings.slice(1, 0, embeddings.size(1), 1), Tolerance);
        TensorAssert.Close(expected.GetProperty("classification").Array(), output.Logits, Tolerance);
    }

    private static void AssertSummary(JsonElement expected, Tensor actual)
    {
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64()), actual.shape);
        TensorAssert.Close(expected.GetProperty("first5").Array(), actual.flatten().slice(0, 0, 5, 1), Tolerance);
        Assert.Equal(expected.GetProperty("mean").GetDouble(), actual.mean().item<double>(), Tolerance);
        Assert.Equal(expected.GetProperty("std_population").GetDouble(), actual.std(unbiased: false).item<double>(), Tolerance);
        Assert.Equal(expected.GetProperty("abs_max").GetDouble(), actual.abs().max().item<double>(), Tolerance * 100);
    }
}
