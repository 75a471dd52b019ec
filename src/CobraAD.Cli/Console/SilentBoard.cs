namespace CobraAD.Cli.Console;

/// <summary>Shows nothing.</summary>
internal sealed class SilentBoard : IProgressBoard, IProgressPart
{
    public IProgressPart Add(string title, double total) => this;

    public void Report(double done, string? remark = null)
    {
    }
}
