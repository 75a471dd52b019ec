using Spectre.Console;

namespace CobraAD.Cli.Terminal.Boards;

/// <summary>Bars with the time left, redrawn in place on a terminal.</summary>
internal sealed class LiveBoard(ProgressContext context) : IProgressBoard
{
    public IProgressPart Add(string title, double total) => new Bar(title, context.AddTask(Markup.Escape(title), maxValue: total));

    private sealed class Bar(string title, ProgressTask task) : IProgressPart
    {
        public void Report(double done, string? remark = null)
        {
            task.Value = done;
            if (remark is not null) task.Description = Markup.Escape($"{title}: {remark}");
        }
    }
}
