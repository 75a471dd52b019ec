using System.Globalization;
using CobraAD.Cli.Terminal.Boards;
using CobraAD.PseudoAnomalies;

namespace CobraAD.Cli.Terminal.Displays;

/// <summary>Shows the preparation of a source of pseudo-anomalies.</summary>
internal sealed class SourceDisplay(IProgressBoard board) : IProgress<PreparationProgress>
{
    private IProgressPart? part;

    public void Report(PreparationProgress value)
    {
        part ??= board.Add(value.Part, value.Total);
        part.Report(value.Done, value.Loss is { } loss ? string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.000}") : null);
    }
}
