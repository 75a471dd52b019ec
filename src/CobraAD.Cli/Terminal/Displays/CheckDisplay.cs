using CobraAD.Cli.Terminal.Boards;
using CobraAD.Evaluation.Parts;

namespace CobraAD.Cli.Terminal.Displays;

/// <summary>Shows how far the check of a data set is.</summary>
internal sealed class CheckDisplay(IProgressBoard board) : IProgress<DataCheckProgress>
{
    private readonly Dictionary<string, IProgressPart> parts = [];

    public void Report(DataCheckProgress value)
    {
        if (!parts.TryGetValue(value.Part, out IProgressPart? part)) parts.Add(value.Part, part = board.Add(value.Part, value.Total));
        part.Report(value.Done);
    }
}
