using System.Globalization;
using CobraAD.Cli.Terminal.Boards;
using CobraAD.Evaluation.Corruptions;

namespace CobraAD.Cli.Terminal.Displays;

/// <summary>Shows how many corruptions are measured.</summary>
internal sealed class CorruptionDisplay(IProgressBoard board) : IProgress<CorruptionProgress>
{
    private IProgressPart? part;

    public void Report(CorruptionProgress value)
    {
        part ??= board.Add("corruptions", value.Total);
        part.Report(value.Done, string.Create(CultureInfo.InvariantCulture, $"{value.Latest.Name} {value.Latest.Severity}, AUROC {value.Latest.Auroc:0.000}"));
    }
}
