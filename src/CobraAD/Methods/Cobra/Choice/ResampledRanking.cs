using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Choice;

/// <summary>
/// How good images and the anomalies crafted from them are ranked, as they are and over a bootstrap. An image, the others of its group and what was crafted
/// from them are drawn together: they resemble each other, so they err together.
/// </summary>
internal sealed class ResampledRanking
{
    private const int Replicates = 400;

    /// <summary>How often each image counts, [1 + replicates, B]; once in the first row.</summary>
    private readonly Tensor times;

    /// <summary>Draws the replicates, in the scope of the caller.</summary>
    /// <param name="groups">To which group each of the B images belongs: that of the tiles of one image, or one of its own.</param>
    /// <param name="rng">CPU generator.</param>
    public ResampledRanking(IReadOnlyList<int> groups, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] distinct = [.. groups.Distinct()];
        Tensor drawn = randint(distinct.Length, [Replicates, distinct.Length], generator: rng);
        Tensor counts = zeros(Replicates, distinct.Length, ScalarType.Float64).scatter_add_(1, drawn, ones(Replicates, distinct.Length, ScalarType.Float64));
        Tensor ofImages = counts.index_select(1, tensor(groups.Select(group => (long)Array.IndexOf(distinct, group)).ToArray()));
        times = cat([ones(1, groups.Count, ScalarType.Float64), ofImages]).MoveToOuterDisposeScope();
    }

    /// <summary>P(anomaly scores above good) + ½ P(tie): of the images as they are, then of each replicate.</summary>
    /// <param name="good">Scores of the good images, [forms, B].</param>
    /// <param name="anomalous">Scores of the anomalies, each at the place of its image, [forms, B].</param>
    /// <returns>float64 [forms, 1 + replicates] on the CPU.</returns>
    public Tensor Auroc(Tensor good, Tensor anomalous)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor above = ((anomalous.unsqueeze(2) - good.unsqueeze(1)).sign() / 2 + 0.5).cpu();
        return (nn.functional.linear(above.transpose(1, 2), times).mul_(times.t()).sum(1) / times.sum(1).square()).MoveToOuterDisposeScope();
    }

    /// <summary>Standard errors over the replicates.</summary>
    /// <param name="values">[forms, 1 + replicates].</param>
    public static double[] Errors(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        return values.narrow(1, 1, Replicates).std(1).data<double>().ToArray();
    }
}
