using CobraAD.Losses;

namespace CobraAD.Experiments.Figures;

/// <summary>Figure 1: which row is what to which anchor, drawn from the layout that the loss itself reads.</summary>
internal static class PairMatrixFigure
{
    private const double Cell = 34, Left = 90, Top = 60;

    private static readonly (PairKind Kind, string Color, string Meaning)[] Kinds =
    [
        (PairKind.Self, "#d9d9d9", "the anchor itself"),
        (PairKind.Positive, "#009e73", "positive: same sample, another view"),
        (PairKind.Opposite, "#d55e00", "opposite: same view of the pseudo-anomaly or its source"),
        (PairKind.Negative, "#56b4e9", "negative: another sample of the other group"),
        (PairKind.SameGroup, "#cde7f6", "spurious negative: another sample of the same group"),
    ];

    public static string Draw()
    {
        PairLayout layout = new(Pairs: 2, Views: 3);
        Drawing drawing = new(Left + layout.Rows * Cell + 20, Top + layout.Rows * Cell + 150, "The pair matrix of the loss");
        for (int anchor = 0; anchor < layout.Rows; anchor++)
        {
            drawing.Text(Left - 8, Top + (anchor + 0.65) * Cell, Name(layout, anchor), 12, "end");
            drawing.Text(Left + (anchor + 0.5) * Cell, Top - 8, Name(layout, anchor), 9, "middle");
            for (int other = 0; other < layout.Rows; other++)
                drawing.Rectangle(Left + other * Cell, Top + anchor * Cell, Cell, Cell, Kinds.Single(kind => kind.Kind == layout[anchor, other]).Color);
        }

        drawing.Legend(Left, Top + layout.Rows * Cell + 24, Kinds.Select(kind => (kind.Color, kind.Meaning)));
        return drawing.ToString();
    }

    /// <summary>A letter for the sample, Υ for its pseudo-anomaly, and the view.</summary>
    private static string Name(PairLayout layout, int row)
    {
        (int view, int sample) = Math.DivRem(row, layout.Samples);
        string letter = sample % layout.Pairs == 0 ? "A" : "B";
        return $"{letter}{(sample < layout.Pairs ? "" : "ᵞ")}{(view < PairLayout.LightViews ? (view + 1).ToString(System.Globalization.CultureInfo.InvariantCulture) : " adv")}";
    }
}
