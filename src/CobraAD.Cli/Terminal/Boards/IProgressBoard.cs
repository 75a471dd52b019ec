namespace CobraAD.Cli.Terminal.Boards;

/// <summary>Shows the parts of a long piece of work.</summary>
internal interface IProgressBoard
{
    /// <summary>Adds a part.</summary>
    /// <param name="title">What it does.</param>
    /// <param name="total">How many units it has.</param>
    IProgressPart Add(string title, double total);
}
