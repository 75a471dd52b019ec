namespace CobraAD.Evaluation.Parts;

/// <summary>What can be wrong with images before anything is trained on them.</summary>
public enum DataFindingKind
{
    /// <summary>A file cannot be read, or lies where no image is looked for.</summary>
    LeftOut,

    /// <summary>The same picture, or almost, is among the training and the test images.</summary>
    Leak,

    /// <summary>The same picture, or almost, is called good and anomalous.</summary>
    Contradiction,

    /// <summary>The same pixels more than once.</summary>
    Copy,

    /// <summary>Almost the same picture more than once.</summary>
    NearCopy,

    /// <summary>A training image unlike all others.</summary>
    Outlier,

    /// <summary>Another width or height than most.</summary>
    Size,

    /// <summary>Grey among coloured images, or the other way round.</summary>
    Colour,

    /// <summary>Much darker or brighter than the others, or with much more lost in black and white.</summary>
    Exposure,

    /// <summary>Much softer or sharper than the others, or without any contrast.</summary>
    Focus,

    /// <summary>The images use a small part of the grey levels.</summary>
    Levels,

    /// <summary>Too few images for what a threshold is to promise.</summary>
    Few,
}
