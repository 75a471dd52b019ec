using CobraAD.PseudoAnomalies.Generative;
using static TorchSharp.torch;

namespace CobraAD.Tests.PseudoAnomalies.Generative;

public sealed class EarlyStopTests
{
    [Theory]
    [InlineData(2.0, new[] { 90.0, 40, 19, 12, 10, 11 }, 3)]
    [InlineData(1.0, new[] { 90.0, 40, 19, 12, 10, 11 }, 5)]
    [InlineData(3.0, new[] { 10.0, 50, 20, 9 }, 1)]
    [InlineData(2.0, new[] { 10.0, 6, 5.5, 4 }, 2)]
    [InlineData(100, new[] { 7.0 }, 1)]
    public void The_first_moment_within_the_multiple_of_the_smallest_distance_is_chosen(double multiple, double[] distances, int expected)
    {
        using EarlyStop stop = new(multiple);

        for (int step = 1; step <= distances.Length; step++) stop.Offer(step, distances[step - 1], () => [full([1], (double)step)]);

        Assert.Equal(expected, stop.Chosen.Step);
        Assert.Equal(expected, stop.Chosen.Weights[0].item<float>());
        Assert.Equal(distances[expected - 1], stop.Chosen.Distance);
        Assert.Equal(distances.Min(), stop.Smallest);
    }

    [Fact]
    public void Weights_that_can_no_longer_be_chosen_are_given_up()
    {
        using EarlyStop stop = new(2);
        List<Tensor> copies = [];

        foreach (double distance in (double[])[64, 33, 32, 31, 40, 8, 4]) stop.Offer(1, distance, Copy);

        Assert.Equal(2, stop.Kept);
        Assert.Equal(2, copies.Count(copy => !copy.IsInvalid));

        IReadOnlyList<Tensor> Copy()
        {
            copies.Add(zeros(1).DetachFromDisposeScope());
            return [copies[^1]];
        }
    }
}
