using System.Globalization;
using CobraAD.Cli.Terminal.Boards;
using CobraAD.Evaluation.Robustness;

namespace CobraAD.Cli.Terminal.Displays;

/// <summary>Shows each attack of an evaluation as a part of its own, with the AUROC so far.</summary>
/// <param name="board">Where.</param>
/// <param name="subject">What is attacked, when a command attacks several; may be empty.</param>
internal sealed class AttackDisplay(IProgressBoard board, string subject = "") : IProgress<RobustnessProgress>
{
    private readonly Dictionary<int, IProgressPart> parts = [];

    public void Report(RobustnessProgress value)
    {
        if (!parts.TryGetValue(value.Attack, out IProgressPart? part))
            parts[value.Attack] = part = board.Add(subject.Length == 0 ? value.Name : $"{subject}, {value.Name}", value.Total);
        part.Report(value.Done, string.Create(CultureInfo.InvariantCulture, $"AUROC {value.CleanAuroc:0.000} clean, {value.Auroc:0.000} attacked"));
    }
}
