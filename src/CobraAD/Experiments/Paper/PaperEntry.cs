using CobraAD.Experiments.Cells;

namespace CobraAD.Experiments.Paper;

/// <summary>One number of a table of the paper, and the cells that reproduce it.</summary>
/// <param name="Row">The table's row.</param>
/// <param name="Column">The table's column.</param>
/// <param name="Quantity">What is measured, e.g. "AUROC clean, %".</param>
/// <param name="Value">The name of the cells' value, or of their timing.</param>
/// <param name="Scale">What a cell's value is multiplied by: 100 for percent.</param>
/// <param name="Published">The paper's number; <see langword="null"/> where it printed none.</param>
/// <param name="Cells">The cells whose mean it is, unless it says otherwise.</param>
internal sealed record PaperEntry(
    string Row, string Column, string Quantity, string Value, double Scale, double? Published, IReadOnlyList<PlannedCell> Cells)
{
    /// <summary>Whether the deviation over the cells is printed instead of their mean.</summary>
    public bool IsDeviation { get; init; }

    /// <summary>Whether it is the sum over the classes of one training each, instead of the mean.</summary>
    public bool IsTotal { get; init; }

    /// <summary>Whether ours and the published number measure the same, so that a difference means something.</summary>
    public bool IsComparable { get; init; } = true;

    /// <summary>What is wrong with the published number.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
