namespace CobraAD.Training;

/// <summary>The parts of a training.</summary>
public enum TrainingPhase
{
    /// <summary>What the source of pseudo-anomalies needs: the transformation classifier and the likelihood filter, or a generative model.</summary>
    PseudoAnomalies,

    /// <summary>Training of the network.</summary>
    Network,

    /// <summary>The threshold.</summary>
    Calibration,

    /// <summary>What some methods train before the network's own training, such as an autoencoder.</summary>
    Preparation,

    /// <summary>The embedding bank, and the choice of the score where that is left open.</summary>
    Choice,
}
