namespace CobraAD.Cli.Terminal.Boards;

/// <summary>Shows nothing.</summary>
internal sealed class SilentBoard : IProgressBoard, IProgressPart
{
    public IProgressPart Add(string title, double total) => this;

    public void Report(double done, string? remark = null)
    {
    }
}
