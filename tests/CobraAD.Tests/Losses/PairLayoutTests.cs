using CobraAD.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Losses;

public sealed class PairLayoutTests
{
    // Figure 1 of the paper for one normal sample and its pseudo-anomaly: rows A1 A1' A2 A2' adv adv'. P positive, O opposite, N negative.
    [Fact]
    public void Three_views_of_one_pair_give_the_matrix_of_figure_one()
    {
        string[] expected = ["-OPNPN", "O-NPNP", "PN-OPN", "NPO-NP", "PNPN-N", "NPNPN-"];
        PairLayout layout = new(1, 3);

        string[] found = [.. Enumerable.Range(0, 6).Select(anchor => string.Concat(Enumerable.Range(0, 6).Select(other => "-POSN"[(int)layout[anchor, other]])))];

        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 3)]
    [InlineData(2, 4)]
    public void Indices_and_masks_agree_with_the_matrix(int pairs, int views)
    {
        using DisposeScope scope = NewDisposeScope();
        PairLayout layout = new(pairs, views);
        Tensor positives = layout.Positives();
        Tensor opposites = layout.Opposites();
        Tensor sameGroup = layout.SameGroup();
        Tensor sameSample = layout.SameSample();

        for (int anchor = 0; anchor < layout.Rows; anchor++)
        {
            int[] row = [.. Enumerable.Range(0, layout.Rows)];
            Assert.Equal(row.Where(other => layout[anchor, other] == PairKind.Positive), positives[anchor].data<long>().ToArray().Order().Select(other => (int)other));
            if (anchor < 2 * layout.Samples) Assert.Equal(row.Where(other => layout[anchor, other] == PairKind.Opposite), [(int)opposites[anchor].item<long>()]);
            Assert.Equal(row.Select(other => layout[anchor, other] is PairKind.Self or PairKind.Positive), sameSample[anchor].data<bool>().ToArray());
            Assert.Equal(row.Select(other => layout[anchor, other] is PairKind.Self or PairKind.Positive or PairKind.SameGroup), sameGroup[anchor].data<bool>().ToArray());
        }
    }

    [Fact]
    public void Labels_repeat_normal_and_anomalous_in_every_view()
    {
        using Tensor labels = new PairLayout(2, 3).Labels();

        Assert.Equal([0L, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1], labels.data<long>().ToArray());
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(4, 1)]
    [InlineData(4, 5)]
    public void Impossible_layouts_are_refused(int pairs, int views) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PairLayout(pairs, views).Validate());
}
