using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra.Scores;

/// <summary>The sum of two forms, the second with a weight.</summary>
internal sealed class SumOf(ScoreForm first, ScoreForm second, double weight = 1) : ScoreForm
{
    public ScoreForm First => first;

    public ScoreForm Second => second;

    public double Weight => weight;

    public override string Name => weight == 1 ? $"{first.Name} + {second.Name}" : FormattableString.Invariant($"{first.Name} + {weight:G4} × {second.Name}");

    public override bool NeedsClassifier => first.NeedsClassifier || second.NeedsClassifier;

    public override Tensor Of(ScoreInput input) => first.Of(input) + (weight == 1 ? second.Of(input) : second.Of(input) * weight);
}
