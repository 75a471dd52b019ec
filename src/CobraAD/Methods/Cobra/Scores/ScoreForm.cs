using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>
/// A form of COBRA's score: how the network's output and the bank become one number for an image. Each form is a file that begins with its
/// formula; the names are the paper's: f = G(F(x)) is the embedding, b an entry of the bank, p the probability under the classifier H.
/// </summary>
/// <remarks>
/// A new form is a file here, a name in <see cref="CobraScore"/> and a line in <see cref="CobraScores"/>. A form that only helps an attacker
/// has no name.
/// </remarks>
internal abstract class ScoreForm
{
    /// <summary>What reports call it.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it asks the classifier H, which has learnt nothing where a training has no pseudo-anomalies.</summary>
    public virtual bool NeedsClassifier => false;

    /// <summary>Whether it asks the bank, so that an image more like any entry scores lower or the same.</summary>
    public virtual bool NeedsBank => true;

    /// <summary>The score, larger where more anomalous, differentiable. What is made on the way is left to the caller's scope.</summary>
    /// <returns>float64 [B].</returns>
    public abstract Tensor Of(ScoreInput input);
}
