using CobraAD.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Losses;

public sealed class UnitLengthTests
{
    [Fact]
    public void Vectors_keep_their_direction_and_lose_their_length()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor vectors = tensor(new[,] { { 3.0, 4.0 }, { 0.0, -2e3 } });

        double[] directions = UnitLength.Of(vectors).data<double>().ToArray();

        Assert.Equal([0.6, 0.8, 0, -1], directions, (expected, found) => Math.Abs(expected - found) < 1e-8);
    }

    [Fact]
    public void A_vector_of_zero_stays_where_it_is()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Equal([0, 0, 0], UnitLength.Of(zeros(1, 3)).data<float>().ToArray());
    }
}
