using System.Globalization;
using CobraAD.Cli.Terminal.Boards;
using CobraAD.Cli.Values;
using CobraAD.Training;

namespace CobraAD.Cli.Terminal.Displays;

/// <summary>Shows the phases of a training, each as a part of its own.</summary>
/// <param name="board">Where.</param>
/// <param name="epochs">Epochs of the network's training; <see langword="null"/> when the method has parts with epochs of their own.</param>
/// <param name="subject">What is trained, when a command trains several; may be empty.</param>
/// <param name="clock">The clock of what is left; the system's when <see langword="null"/>.</param>
internal sealed class TrainingDisplay(IProgressBoard board, int? epochs = null, string subject = "", TimeProvider? clock = null) : IProgress<TrainingProgress>
{
    /// <summary>Steps whose time says what the others will take; the first finds what later ones find made and is not among them.</summary>
    private const int TimedSteps = 3;

    private readonly Dictionary<TrainingPhase, IProgressPart> parts = [];
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private (TrainingPhase Phase, long Done, long At)? first;
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
        TrainingPhase.Network or TrainingPhase.Preparation => string.Create(CultureInfo.InvariantCulture, $"epoch {value.Epoch}{(epochs is { } count ? $"/{count}" : "")}, loss {value.Loss:0.000}{epochFigures}{Left(value)}"),
        TrainingPhase.PseudoAnomalies when double.IsFinite(value.Loss) => string.Create(CultureInfo.InvariantCulture, $"loss {value.Loss:0.000}"),
        _ => null,
    };

    /// <summary>How long the rest of the phase will take, judged by its steps in this session.</summary>
    private string Left(TrainingProgress value)
    {
        if (first is not { } begin || begin.Phase != value.Phase) first = begin = (value.Phase, value.Done, clock.GetTimestamp());
        long taken = value.Done - begin.Done, left = value.Total - value.Done;
        if (taken < TimedSteps || left == 0) return "";
        return $", about {Duration.InWords(clock.GetElapsedTime(begin.At) / taken * left)} left";
    }
}
