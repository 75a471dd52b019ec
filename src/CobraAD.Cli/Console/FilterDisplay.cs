using System.Globalization;
using CobraAD.PseudoAnomalies;

namespace CobraAD.Cli.Console;

/// <summary>Shows the training of the pseudo-anomaly filter's classifier.</summary>
internal sealed class FilterDisplay(IProgressBoard board) : IProgress<TransformationClassifierProgress>
{
    private IProgressPart? part;

    public void Report(TransformationClassifierProgress value)
    {
        part ??= board.Add("pseudo-anomaly filter", (double)value.Epochs * value.Steps);
        part.Report((double)(value.Epoch - 1) * value.Steps + value.Step, value.Loss is { } loss ? string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.000}") : null);
    }
}
