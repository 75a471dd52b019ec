namespace CobraAD.Cli.Scores;

/// <summary>Takes scores up a block at a time, so that their number does not matter.</summary>
internal interface IScoreWriter : IDisposable
{
    void Add(FileScores block);

    /// <summary>After the last block. What was not completed leaves nothing behind.</summary>
    void Complete();
}
