using CobraAD.Cli.Terminal.Boards;
using CobraAD.Datasets;

namespace CobraAD.Cli.Terminal.Displays;

/// <summary>Shows how far the reading of images is; reading threads report in turn.</summary>
internal sealed class ReadingProgress(IProgressBoard board) : IProgress<DatasetProgress>
{
    private IProgressPart? part;

    public void Report(DatasetProgress value)
    {
        part ??= board.Add("reading", value.Total);
        part.Report(value.Done);
    }
}
