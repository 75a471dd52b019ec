namespace CobraAD.PseudoAnomalies.Sources;

/// <summary>What <see cref="CutPasteSource"/> pastes.</summary>
internal enum CutPasteVariant
{
    /// <summary>A rectangle of 2-15 % of the image.</summary>
    Normal,

    /// <summary>A thin rotated strip.</summary>
    Scar,

    /// <summary>One of the two for each image, with equal chances: the anomalies of the method's 3-way setting.</summary>
    ThreeWay,
}
