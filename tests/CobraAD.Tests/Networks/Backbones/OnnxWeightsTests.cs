using CobraAD.Export;
using CobraAD.Export.Graph;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Networks.Backbones;

/// <summary>The files that PyTorch exported are compared with PyTorch's features in <see cref="BackboneStoreTests"/>.</summary>
public sealed class OnnxWeightsTests : IDisposable
{
    private static readonly ResNetOptions Narrow = new() { WidthFactor = 2 / 64.0 };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly string folder = Directory.CreateTempSubdirectory("cobra-onnx-weights-").FullName;

    private string Model => Path.Combine(folder, "model.onnx");

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.Strided, false)]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.ImageNet, true)]
    [InlineData(ResNetVariant.ResNet50, ResNetStem.Cifar, false)]
    [InlineData(ResNetVariant.ResNet50, ResNetStem.Cifar, true)]
    [InlineData(ResNetVariant.WideResNet50x2, ResNetStem.ImageNet, true)]
    public void A_folded_model_gives_the_same_features_wherever_it_has_its_shortcuts(ResNetVariant variant, ResNetStem stem, bool shortcutFirst)
    {
        ResNetOptions options = new() { Variant = variant, Stem = stem, WidthFactor = 2 / 64.0 };
        using ResNet original = Trained(options);
        Export(original, shortcutFirst);

        using Backbone loaded = Open(options);

        Tensor images = TestImages.Uniform(2, 32);
        Assert.Empty(loaded.Origin.Ignored);
        TensorAssert.Close(original.call(images), loaded.Features(images), 5e-5);
    }

    [Theory]
    [InlineData(ResNetVariant.ResNet34, ResNetStem.Cifar, 2, "it has 20 convolutions, expected 36")]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.Cifar, 4, "conv1.weight is [2, 3, 3, 3], expected [4, 3, 3, 3]")]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.Strided, 2, "conv1 has the stride 1, expected 2")]
    [InlineData(ResNetVariant.ResNet18, ResNetStem.ImageNet, 2, "no max-pooling")]
    public void A_model_of_another_network_is_refused_with_what_differs(ResNetVariant variant, ResNetStem stem, int width, string difference)
    {
        using ResNet original = Trained(Narrow);
        Export(original, shortcutFirst: false);

        ModelFormatException exception = Assert.Throws<ModelFormatException>(() => Open(new ResNetOptions { Variant = variant, Stem = stem, WidthFactor = width / 64.0 }));

        Assert.Contains(difference, exception.Message, StringComparison.Ordinal);
        Assert.Contains(Model, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sigmoid", "it computes Sigmoid between its convolutions")]
    [InlineData("Identity", "a sum that is used without a ReLU")]
    public void A_network_that_computes_something_else_with_the_same_convolutions_is_refused(string activation, string difference)
    {
        using ResNet original = Trained(Narrow);
        Export(original, shortcutFirst: false, activation: activation);

        Assert.Contains(difference, Assert.Throws<ModelFormatException>(() => Open(Narrow)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_precision_is_read_and_quantised_weights_are_refused()
    {
        using ResNet original = Trained(Narrow);
        Tensor images = TestImages.Uniform(2, 16);

        Export(original, shortcutFirst: false, OnnxPrecision.Half);
        using Backbone loaded = Open(Narrow);
        TensorAssert.Close(original.call(images), loaded.Features(images), 1e-2);

        Export(original, shortcutFirst: false, OnnxPrecision.Quantized);
        Assert.Contains("quantised", Assert.Throws<ModelFormatException>(() => Open(Narrow)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_normalisation_behind_a_convolution_with_a_bias_is_accounted_for()
    {
        using ResNet original = Trained(Narrow);
        using ResNet folded = original.Fold();
        using IDisposable frozen = no_grad();
        ConvolutionUnit first = original.First;
        OnnxGraph graph = new("test");
        WeightStore weights = new(graph, OnnxPrecision.Full);
        OnnxValue input = graph.Input("images", OnnxType.Float, "", "B", "3", "H", "W");
        // w∗x + 0.3 with a mean that is 0.3 higher is w∗x.
        OnnxValue convolved = graph.Convolution(input, weights.Exact(first.Convolution.weight), graph.Floats([0.3f, 0.3f], [2]), 3, 1, 1);
        OnnxValue normalized = graph.Node(
            "BatchNormalization", OnnxType.Float,
            [
                convolved, weights.Exact(first.Normalization!.weight!), weights.Exact(first.Normalization.bias!), weights.Exact(first.Normalization.running_mean! + 0.3),
                weights.Exact(first.Normalization.running_var!),
            ]);
        Write(graph, folded, weights, graph.Relu(normalized), shortcutFirst: false);

        using Backbone loaded = Open(Narrow);

        Tensor images = TestImages.Uniform(2, 16);
        TensorAssert.Close(original.call(images), loaded.Features(images), 1e-5);
    }

    [Fact]
    public void Normalisations_with_other_names_and_another_epsilon_are_found_by_the_graph()
    {
        byte[] exported = File.ReadAllBytes(PathOf("resnet18-named.onnx"));
        byte[] renamed = Replace(Replace(exported, ".weight"u8, "_weight"u8), BitConverter.GetBytes(1e-5f), BitConverter.GetBytes(0.1f));
        File.WriteAllBytes(Model, renamed);
        using Generator rng = new(3, CPU);
        using Backbone expected = BackboneStore.Open(new BackboneOptions { File = PathOf("resnet18-named.onnx"), Network = Narrow }, rng);
        using (no_grad())
        {
            foreach ((string name, Tensor value) in expected.Network.state_dict().Where(pair => pair.Key.EndsWith("running_var", StringComparison.Ordinal))) value.add_(0.1 - 1e-5);
        }

        using Backbone loaded = Open(Narrow);

        Tensor images = TestImages.Uniform(2, 16);
        TensorAssert.Close(expected.Features(images), loaded.Features(images), 1e-5);
        Assert.Equal(5, loaded.Head!.weight!.size(0));
    }

    [Fact]
    public void Weights_in_another_file_are_refused()
    {
        ProtoMessage tensor = new ProtoMessage().Add(1, 2L).Add(2, 1L).Add(8, "fc.bias").Add(14, 1L);
        WriteModel(new ProtoMessage().Add(5, tensor));

        Assert.Contains("separate file", Assert.Throws<ModelFormatException>(() => WeightFile.Read(Model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 3 }, "needs 12 bytes, it has 8")]
    [InlineData(new long[] { -1, -2 }, "a side of -1")]
    [InlineData(new long[] { long.MaxValue, long.MaxValue, 4 }, "needs 9223372036854775807 bytes")]
    [InlineData(new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2 }, "17 dimensions")]
    public void A_tensor_whose_bytes_do_not_fill_its_shape_is_refused(long[] shape, string reason)
    {
        ProtoMessage tensor = new();
        foreach (long side in shape) tensor.Add(1, side);
        WriteModel(new ProtoMessage().Add(5, tensor.Add(2, 1L).Add(8, "fc.bias").Add(9, new byte[8])));

        Assert.Contains(reason, Assert.Throws<ModelFormatException>(() => WeightFile.Read(Model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_tensor_twice_is_refused()
    {
        ProtoMessage tensor = new ProtoMessage().Add(1, 1L).Add(2, 1L).Add(8, "fc.bias").Add(9, new byte[4]);
        WriteModel(new ProtoMessage().Add(5, tensor).Add(5, tensor));

        Assert.Contains("occurs twice", Assert.Throws<ModelFormatException>(() => WeightFile.Read(Model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3a ff ff ff ff 07", "a field of 2147483647 bytes where 0 are left")]
    [InlineData("3a ff ff ff ff ff ff ff ff ff 01", "where 0 are left")]
    [InlineData("3a 80 80 80 80 80 80 80 80 80 80 80 01", "more than 64 bits")]
    [InlineData("3a 04 0a 02 0a 09", "a field of 9 bytes where 0 are left")]
    [InlineData("3b 00", "a field with the tag 59")]
    [InlineData("00", "a field with the tag 0")]
    [InlineData("3a 02 0d 00", "a field of 4 bytes where 1 are left")]
    [InlineData("3a 02 08 01", "something else where a message belongs")]
    [InlineData("08", "an end within a number")]
    [InlineData("08 08", "it has no graph")]
    [InlineData("", "it has no graph")]
    public void A_damaged_or_hostile_file_is_refused(string bytes, string reason)
    {
        File.WriteAllBytes(Model, Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)));

        Assert.Contains(reason, Assert.Throws<ModelFormatException>(() => WeightFile.Read(Model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flipped_byte_ends_in_weights_or_in_a_clear_refusal()
    {
        byte[] whole = File.ReadAllBytes(PathOf("resnet18-folded.onnx"));
        Random random = new(5);
        for (int trial = 0; trial < 100; trial++)
        {
            byte[] damaged = [.. whole];
            for (int i = 0; i < 4; i++) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(Model, damaged);

            try
            {
                Open(Narrow).Dispose();
            }
            catch (ModelFormatException exception)
            {
                Assert.Contains(Model, exception.Message, StringComparison.Ordinal);
            }
        }
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Networks", "Backbones", "Files", file);

    private static byte[] Replace(byte[] content, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        byte[] changed = [.. content];
        int count = 0;
        for (int at = changed.AsSpan().IndexOf(from); at >= 0; at = changed.AsSpan().IndexOf(from), count++) to.CopyTo(changed.AsSpan(at));
        Assert.NotEqual(0, count);
        return changed;
    }

    private Backbone Open(ResNetOptions network)
    {
        using Generator rng = new(3, CPU);
        return BackboneStore.Open(new BackboneOptions { File = Model, Network = network }, rng);
    }

    /// <summary>A network with statistics that are not the initial ones.</summary>
    private static ResNet Trained(ResNetOptions options)
    {
        using Generator rng = new(2, CPU);
        ResNet network = new(options, rng);
        network.train();
        using (no_grad()) network.call(TestImages.Uniform(8, 32)).Dispose();
        network.eval();
        return network;
    }

    private void Export(ResNet network, bool shortcutFirst, OnnxPrecision precision = OnnxPrecision.Full, string activation = "Relu")
    {
        using ResNet folded = network.Fold();
        OnnxGraph graph = new("test");
        WeightStore weights = new(graph, precision);
        OnnxValue input = graph.Input("images", OnnxType.Float, "", "B", "3", "H", "W");
        OnnxValue map = graph.Relu(Convolve(graph, weights, folded.First, input));
        if (network.Options.Stem == ResNetStem.ImageNet) map = graph.MaxPool(map, 3, 2, 1);
        Write(graph, folded, weights, map, shortcutFirst, activation);
    }

    private void Write(OnnxGraph graph, ResNet folded, WeightStore weights, OnnxValue map, bool shortcutFirst, string activation = "Relu")
    {
        foreach (ResidualBlock block in folded.Blocks)
        {
            OnnxValue shortcut = shortcutFirst ? Shortcut(block) : map;
            OnnxValue path = map;
            for (int i = 0; i < block.Path.Count; i++) path = Convolve(graph, weights, block.Path[i], i == 0 ? map : graph.Relu(path));
            if (!shortcutFirst) shortcut = Shortcut(block);
            map = graph.Node(activation, OnnxType.Float, [graph.Add(path, shortcut)]);
        }

        graph.Output("features", graph.GlobalAverage(map), "", "B", "D");
        using FileStream stream = File.Create(Model);
        OnnxModel.Write(stream, graph, "test", "", []);

        OnnxValue Shortcut(ResidualBlock block) => block.Projection is { } projection ? Convolve(graph, weights, projection, map) : map;
    }

    private static OnnxValue Convolve(OnnxGraph graph, WeightStore weights, ConvolutionUnit unit, OnnxValue input) => graph.Convolution(
        input, weights.Weight(unit.Convolution.weight), weights.Exact(unit.Convolution.bias!), unit.Convolution.kernel_size[0], unit.Convolution.stride![0], unit.Convolution.padding![0]);

    private void WriteModel(ProtoMessage graph)
    {
        using FileStream stream = File.Create(Model);
        new ProtoMessage().Add(1, 8L).Add(2, "test").Add(7, graph).WriteTo(stream);
    }
}
