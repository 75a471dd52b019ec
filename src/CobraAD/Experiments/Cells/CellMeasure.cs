namespace CobraAD.Experiments.Cells;

/// <summary>What a cell finds out.</summary>
internal enum CellMeasure
{
    /// <summary>Train the method, attack the detector, and measure what is left.</summary>
    Robustness,

    /// <summary>The same for the transformation classifier alone (paper, Table 11).</summary>
    Likelihood,

    /// <summary>How the pseudo-anomalies compare with the normal images (paper, Table 8).</summary>
    Generation,

    /// <summary>Loss and AUROC after every epoch (paper, Figure 4).</summary>
    Epochs,
}
