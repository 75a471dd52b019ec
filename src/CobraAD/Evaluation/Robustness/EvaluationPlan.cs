namespace CobraAD.Evaluation.Robustness;

/// <summary>What an evaluation in pieces is: two with the same plan can share their results.</summary>
/// <param name="Model">SHA-256 of the model file.</param>
/// <param name="Data">The data set's name.</param>
/// <param name="Images">SHA-256 of the test images' pixels.</param>
/// <param name="Labels">SHA-256 of their labels.</param>
/// <param name="Threat">What the attacker may do.</param>
/// <param name="Attacks">The attacks with all their options, in order.</param>
/// <param name="Rule">Which candidates count.</param>
/// <param name="Seed">Of the sample, the attacks and the intervals.</param>
/// <param name="SamplesPerClass">Test images of each class at most.</param>
/// <param name="BatchSize">Images of a pass.</param>
/// <param name="Sample">Number of images that are attacked.</param>
/// <param name="PieceSize">How many of them a piece has.</param>
internal sealed record EvaluationPlan(
    string Model, string Data, string Images, string Labels, string Threat, string Attacks, string Rule, long Seed, int? SamplesPerClass, int BatchSize, int Sample, int PieceSize)
{
    /// <summary>Images of a piece, but for the last.</summary>
    private const int UsualPiece = 256;

    /// <summary>Number of pieces.</summary>
    public int Pieces => (Sample + PieceSize - 1) / PieceSize;

    /// <summary>Images of a piece: whole passes, so that a piece's passes hold what those of one process would.</summary>
    /// <param name="batch">Images of a pass.</param>
    public static int SizeFor(int batch) => Math.Max(1, UsualPiece / batch) * batch;
}
