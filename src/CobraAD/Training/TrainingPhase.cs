namespace CobraAD.Training;

/// <summary>The parts of a training.</summary>
public enum TrainingPhase
{
    /// <summary>The transformation classifier and the likelihood filter of the pseudo-anomalies.</summary>
    PseudoAnomalies,

    /// <summary>Adversarial training of the network.</summary>
    Network,

    /// <summary>Embedding bank and threshold.</summary>
    Calibration,
}
