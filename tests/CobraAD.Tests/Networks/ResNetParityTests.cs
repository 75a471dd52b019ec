using System.Text.Json;
using CobraAD.Networks;
using CobraAD.Tests.Golden;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Networks;

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
