namespace CobraAD.Methods.Tiles;

/// <summary>What scores are usual at each place of good images.</summary>
/// <param name="Mean">Of the scores at each place.</param>
/// <param name="Deviation">Their standard deviation, above 0.</param>
/// <param name="PlaceWeight">How far places were told apart: 0 all alike, 1 each by itself.</param>
internal sealed record UsualScores(double[] Mean, double[] Deviation, double PlaceWeight)
{
    /// <summary>The variance at a place is trusted like this many images of all places together: ten images alone say little about a spread.</summary>
    private const double PriorImages = 10;

    /// <summary>With fewer images a place's own mean is noise.</summary>
    private const int FewestForPlaces = 3;

    /// <summary>Estimates them.</summary>
    /// <remarks>
    /// The mean at a place is drawn towards the mean of all places by as much as chance explains of the differences between places (empirical
    /// Bayes): m̂ₚ = μ + w (mₚ - μ) with w = τ²/(τ² + s²/n), s² the variance within places, τ² what the means vary beyond s²/n. On textures
    /// τ² is 0 and all places are alike; on aligned parts w is near 1.
    /// </remarks>
    /// <param name="scores">Of good images: [image][place].</param>
    /// <param name="positionAware">Whether places may differ at all.</param>
    public static UsualScores Of(IReadOnlyList<double[]> scores, bool positionAware)
    {
        int images = scores.Count, places = scores[0].Length;
        double mean = scores.SelectMany(row => row).Average();
        double total = scores.SelectMany(row => row).Sum(score => (score - mean) * (score - mean)) / Math.Max(1, images * places - 1);
        // Scores that do not vary at all still need a unit.
        double floor = Math.Max(1e-12, 1e-6 * Math.Abs(mean));
        if (!positionAware || images < FewestForPlaces)
            return new UsualScores(Repeat(mean, places), Repeat(Math.Max(floor, Math.Sqrt(total)), places), 0);

        double[] means = [.. Enumerable.Range(0, places).Select(place => scores.Average(row => row[place]))];
        double[] variances = [.. Enumerable.Range(0, places).Select(place => scores.Sum(row => Square(row[place] - means[place])) / (images - 1))];
        double within = variances.Average();
        double among = Math.Max(0, means.Sum(own => Square(own - mean)) / Math.Max(1, places - 1) - within / images);
        double weight = among + within > 0 ? among / (among + within / images) : 0;
        // What a place does not keep of its own mean counts as spread, or a place drawn away from its mean would always look unusual.
        double left = Square(1 - weight) * among;
        return new UsualScores(
            [.. means.Select(own => mean + weight * (own - mean))],
            [.. variances.Select(own => Math.Max(floor, Math.Sqrt((PriorImages * within + (images - 1) * own) / (PriorImages + images - 1) + left)))],
            weight);
    }

    /// <summary>Scores of one image in deviations from what is usual.</summary>
    public double[] Standardize(double[] scores) => [.. scores.Select((score, place) => (score - Mean[place]) / Deviation[place])];

    private static double[] Repeat(double value, int count) => [.. Enumerable.Repeat(value, count)];

    private static double Square(double value) => value * value;
}
