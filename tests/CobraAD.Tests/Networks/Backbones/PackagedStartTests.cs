using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Networks.Backbones;

public sealed class PackagedStartTests
{
    [Fact]
    public void An_encoder_that_starts_from_packaged_weights_sees_what_the_backbone_sees_but_at_the_border()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using Generator rng = new(1, CPU);
        using ResNet encoder = new(BackboneOptions.Packaged.Network, rng);
        using Backbone backbone = BackboneStore.Open(BackboneOptions.Packaged, rng);
        Tensor images = TestImages.Uniform(2, 224);

        PackagedStart.CopyInto(encoder);
        encoder.eval();

        Tensor expected = backbone.FeatureMaps(images)[0], found = encoder.FeatureMaps(images)[0];
        TensorAssert.Close(Middle(expected), Middle(found), 1e-3);
        Assert.True((expected - found).abs().max().item<float>() > 1e-3);
        TensorAssert.SameBits(backbone.Network.state_dict()["layer4.2.conv2.weight"], encoder.state_dict()["layer4.2.conv2.weight"]);

        static Tensor Middle(Tensor map) => map.narrow(2, 4, map.size(2) - 8).narrow(3, 4, map.size(3) - 8);
    }
}
