using System.Globalization;
using CobraAD.Cli.Terminal.Boards;
using CobraAD.Evaluation.Certification;

namespace CobraAD.Cli.Terminal.Displays;

/// <summary>Shows how many images have bounds.</summary>
internal sealed class CertificationDisplay(IProgressBoard board) : IProgress<CertificationProgress>
{
    private IProgressPart? part;

    public void Report(CertificationProgress value)
    {
        part ??= board.Add("certificate", value.Total);
        part.Report(value.Done, string.Create(CultureInfo.InvariantCulture, $"{value.Done} images"));
    }
}
