using System.Globalization;
using CobraAD.Cli.Terminal.Boards;
using CobraAD.Training;

namespace CobraAD.Cli.Terminal.Displays;

/// <summary>Shows the phases of a training, each as a part of its own.</summary>
/// <param name="board">Where.</param>
/// <param name="epochs">Epochs of the network's training; <see langword="null"/> when the method has parts with epochs of their own.</param>
/// <param name="subject">What is trained, when a command trains several; may be empty.</param>
internal sealed class TrainingDisplay(IProgressBoard board, int? epochs = null, string subject = "") : IProgress<TrainingProgress>
{
    private readonly Dictionary<TrainingPhase, IProgressPart> parts = [];
    private string epochFigures = "";

    public void Report(TrainingProgress value)
    {
        if (!parts.TryGetValue(value.Phase, out IProgressPart? part)) parts[value.Phase] = part = board.Add(Title(value), value.Total);
        if (value.Finished is { } epoch)
            epochFigures = string.Create(CultureInfo.InvariantCulture, $", attack gain {epoch.AttackGain:0.00}, {epoch.ImagesPerSecond:0} images/s");
        part.Report(value.Done, Remark(value));
    }

    private string Title(TrainingProgress value)
    {
        string title = value.Part ?? value.Phase switch
        {
            TrainingPhase.PseudoAnomalies => "pseudo-anomalies",
            TrainingPhase.Network => "training",
            TrainingPhase.Preparation => "pre-training",
            TrainingPhase.Choice => "bank and score",
            _ => "calibration",
        };
        return subject.Length == 0 ? title : $"{subject}, {title}";
    }

    private string? Remark(TrainingProgress value) => value.Phase switch
    {
        TrainingPhase.Network or TrainingPhase.Preparation => string.Create(CultureInfo.InvariantCulture, $"epoch {value.Epoch}{(epochs is { } count ? $"/{count}" : "")}, loss {value.Loss:0.000}{epochFigures}"),
        TrainingPhase.PseudoAnomalies when double.IsFinite(value.Loss) => string.Create(CultureInfo.InvariantCulture, $"loss {value.Loss:0.000}"),
        _ => null,
    };
}
