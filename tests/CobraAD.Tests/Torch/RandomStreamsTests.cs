using CobraAD.Torch;
using TorchSharp;

namespace CobraAD.Tests.Torch;

public sealed class RandomStreamsTests
{
    [Fact]
    public void The_same_place_in_a_run_draws_the_same_numbers_again()
    {
        using torch.Generator first = new RandomStreams(7).Create("attack", 3, 17);
        using torch.Generator again = new RandomStreams(7).Create("attack", 3, 17);

        using torch.Tensor a = torch.rand(64, generator: first);
        using torch.Tensor b = torch.rand(64, generator: again);

        Assert.Equal(a.data<float>().ToArray(), b.data<float>().ToArray());
    }

    [Theory]
    [InlineData(7, "attack", 3, 18)]
    [InlineData(7, "views", 3, 17)]
    [InlineData(8, "attack", 3, 17)]
    [InlineData(7, "attack", 17, 3)]
    public void Another_seed_purpose_or_position_is_another_stream(long seed, string purpose, long epoch, long step)
    {
        long reference = new RandomStreams(7).Derive("attack", 3, 17);

        long other = new RandomStreams(seed).Derive(purpose, epoch, step);

        Assert.NotEqual(reference, other);
    }
}
