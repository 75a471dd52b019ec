using CobraAD.Detection;
using CobraAD.Methods.Cobra.Scores;
using static TorchSharp.torch;

namespace CobraAD.Methods.Cobra;

/// <summary>A trained detector seen through another score than its own.</summary>
internal sealed class OtherScore(CobraDetector detector, ScoreForm form) : IAnomalyDetector
{
    public string Name => $"{detector.Name}, {form.Name}";

    public Device Device => detector.Device;

    public IReadOnlyList<ScoreSurrogate> Surrogates { get; } = detector.SurrogatesOf(form);

    public Tensor Score(Tensor images) => detector.Score(images, form);

    public Tensor? Outputs(Tensor images) => detector.Outputs(images);

    public int ItemEffect => form.NeedsBank ? -1 : 0;

    public Tensor? NearestItems(Tensor images, int count) => detector.NearestItems(images, count);

    public Tensor Outputs(Tensor images, Tensor items) => detector.Outputs(images, items);

    /// <summary>Network and bank belong to the detector.</summary>
    public void Dispose()
    {
    }
}
