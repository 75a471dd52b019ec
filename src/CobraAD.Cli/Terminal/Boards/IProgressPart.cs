namespace CobraAD.Cli.Terminal.Boards;

/// <summary>One part of a long piece of work.</summary>
internal interface IProgressPart
{
    /// <summary>Says how far the part is.</summary>
    /// <param name="done">Units done; the part is finished when it reaches the total.</param>
    /// <param name="remark">The latest figures, e.g. "loss 3.21".</param>
    void Report(double done, string? remark = null);
}
