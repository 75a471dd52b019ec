using CobraAD.Methods.Cobra.Training;
using CobraAD.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Methods.Cobra.Training;

public sealed class BatchTrimmingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void The_strays_make_room_for_images_that_lie_nearer(int rowsAtOnce)
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Network();
        Tensor images = WithStrays(3, 8);

        Tensor kept = new BatchTrimming(0.2).Apply(network, images, rowsAtOnce);

        Assert.True(kept.eq(images.index_select(0, tensor(new long[] { 0, 1, 2, 4, 5, 6, 7, 9, 0, 1 }))).all().item<bool>());
    }

    [Fact]
    public void A_share_of_less_than_an_image_leaves_the_batch_as_it_is()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Network();
        Tensor images = WithStrays(3);

        Assert.True(new BatchTrimming(0.09).Apply(network, images, 0).eq(images).all().item<bool>());
    }

    [Fact]
    public void The_network_is_as_it_was_and_in_training_as_it_was()
    {
        using DisposeScope scope = NewDisposeScope();
        using CobraNetwork network = Network();
        network.train();
        byte[] before = SmallTraining.Weights(network);

        new BatchTrimming(0.5).Apply(network, WithStrays(3), 0);

        Assert.True(network.training);
        Assert.Equal(before, SmallTraining.Weights(network));
    }

    private static CobraNetwork Network()
    {
        using Generator rng = new(3, CPU);
        return new CobraNetwork(SmallTraining.Options.Network, rng);
    }

    /// <summary>Ten images, bright at the left but for some that are bright at the right.</summary>
    private static Tensor WithStrays(params int[] strays)
    {
        using Generator rng = new(4, CPU);
        Tensor images = rand([10, 3, 16, 16], generator: rng) * 0.1;
        for (int image = 0; image < 10; image++) images[image].narrow(2, strays.Contains(image) ? 8 : 0, 8).add_(0.9);
        return images;
    }
}
