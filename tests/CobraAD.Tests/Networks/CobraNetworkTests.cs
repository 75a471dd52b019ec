using CobraAD.Networks;
using CobraAD.Networks.Residual;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Networks;

public sealed class CobraNetworkTests
{
    private static readonly CobraNetworkOptions Thin = new() { Encoder = new ResNetOptions { WidthFactor = 0.125 }, EmbeddingSize = 16 };

    [Fact]
    public void One_pass_gives_features_embeddings_and_logits()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Create(Thin);

        CobraOutput output = network.call(TestImages.Uniform(3, 28));

        Assert.Equal([3L, 64], output.Features.shape);
        Assert.Equal([3L, 16], output.Embeddings.shape);
        Assert.Equal([3L, 2], output.Logits.shape);
    }

    [Fact]
    public void Every_parameter_is_listed_once_so_that_an_optimiser_moves_it_once()
    {
        using CobraNetwork network = Create(Thin);

        string[] names = [.. network.named_parameters().Select(entry => entry.name).Where(name => name.StartsWith("projection", StringComparison.Ordinal))];

        // The head's layers are registered under two names each: the sequence's and their fields'.
        Assert.Equal(4, names.Length);
    }

    [Fact]
    public void Embed_equals_the_embeddings_of_the_full_pass()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Create(Thin);
        network.eval();
        Tensor images = TestImages.Uniform(3, 28);

        TensorAssert.SameBits(network.call(images).Embeddings, network.Embed(images));
    }

    [Fact]
    public void A_folded_network_has_the_same_outputs_and_needs_no_gradients()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Create(Thin);
        Tensor images = TestImages.Uniform(3, 28);
        network.call(images);
        network.eval();

        using CobraNetwork folded = network.Fold();

        CobraOutput expected = network.call(images);
        CobraOutput found = folded.call(images);
        TensorAssert.Close(expected.Embeddings, found.Embeddings, 1e-4);
        TensorAssert.Close(expected.Logits, found.Logits, 1e-4);
        Assert.False(folded.training);
        Assert.All(folded.parameters(), parameter => Assert.False(parameter.requires_grad));
    }

    [Theory]
    [InlineData(ResNetStem.Cifar, ResNetVariant.ResNet18)]
    [InlineData(ResNetStem.ImageNet, ResNetVariant.ResNet50)]
    public void Networks_side_by_side_are_so_many_networks_that_see_nothing_of_each_other(ResNetStem stem, ResNetVariant variant)
    {
        using DisposeScope scope = NewDisposeScope();
        CobraNetworkOptions single = Thin with { Encoder = Thin.Encoder with { Stem = stem, Variant = variant } };
        using CobraNetwork both = Create(single with { Members = 2 });
        Tensor images = TestImages.Uniform(3, 28);
        both.call(images);

        CobraNetwork[] apart = [Member(0), Member(1)];
        CobraOutput trained = both.call(images);
        (Tensor expected, Tensor expectedLogits) = OfEach();
        both.eval();
        using CobraNetwork folded = both.Fold();
        foreach (CobraNetwork network in apart) network.eval();
        (Tensor expectedAfter, _) = OfEach();

        TensorAssert.Close(expected, trained.Embeddings, 1e-4);
        Assert.Equal([3L, 32], trained.Embeddings.shape);
        TensorAssert.Close(expectedLogits, trained.MemberLogits, 1e-4);
        TensorAssert.Close(both.Classifier.call(trained.Features), trained.Logits, 1e-5);
        TensorAssert.Close(expectedAfter, both.Embed(images), 1e-4);
        TensorAssert.Close(expectedAfter, folded.Embed(images), 1e-4);
        TensorAssert.Close(both.call(images).Logits, folded.call(images).Logits, 1e-4);
        foreach (CobraNetwork network in apart) network.Dispose();

        (Tensor Directions, Tensor Logits) OfEach()
        {
            CobraOutput[] outputs = [.. apart.Select(network => network.call(images))];
            return (cat([.. outputs.Select(output => nn.functional.normalize(output.Embeddings, dim: 1))], 1), cat([.. outputs.Select(output => output.Logits)], 1));
        }

        // Everything in the encoder has the members' channels one after the other; H has half of each one's weights for them.
        CobraNetwork Member(int member)
        {
            CobraNetwork network = Create(single, seed: 9);
            using IDisposable frozen = no_grad();
            Dictionary<string, Tensor> joined = both.state_dict();
            foreach ((string name, Tensor value) in network.state_dict())
            {
                if (name.StartsWith("encoder", StringComparison.Ordinal)) value.copy_(value.dim() == 0 ? joined[name] : joined[name].chunk(2, 0)[member]);
                else if (name.StartsWith("projection", StringComparison.Ordinal)) value.copy_(joined[name.Replace("projection", $"projection.{member}", StringComparison.Ordinal)]);
                else value.copy_(value.dim() == 1 ? joined[name] : 2 * joined[name].chunk(2, 1)[member]);
            }

            return network;
        }
    }

    [Fact]
    public void Weights_of_one_network_load_into_another()
    {
        using CobraNetwork source = Create(Thin, seed: 1);
        using CobraNetwork target = Create(Thin, seed: 2);

        target.load_state_dict(source.state_dict());

        foreach ((string name, Tensor weight) in source.state_dict()) TensorAssert.SameBits(weight, target.state_dict()[name]);
        Assert.Superset(new HashSet<string> { "encoder.conv1.weight", "projection.0.weight", "projection.2.bias", "classifier.weight" }, source.state_dict().Keys.ToHashSet());
    }

    [Fact]
    public void Moving_the_network_moves_every_weight_and_statistic()
    {
        using CobraNetwork network = Create(Thin);
        Assert.All(network.state_dict().Values, value => Assert.Equal(DeviceType.CPU, value.device_type));

        network.to(new Device(DeviceType.META));

        Assert.All(network.state_dict().Values, value => Assert.Equal(DeviceType.META, value.device_type));
        Assert.Equal(DeviceType.META, network.Device.type);
    }

    [Fact]
    public void Every_parameter_receives_a_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Create(Thin);

        CobraOutput output = network.call(TestImages.Uniform(4, 28));
        (output.Embeddings.square().sum() + output.Logits.square().sum()).backward();

        Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
    }

    private static CobraNetwork Create(CobraNetworkOptions options, long seed = 1)
    {
        using Generator rng = new RandomStreams(seed).Create("weights");
        return new CobraNetwork(options, rng);
    }
}
