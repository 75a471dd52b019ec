namespace CobraAD.Training.Adversarial;

/// <summary>Where the training attack starts.</summary>
public enum StartingPoint
{
    /// <summary>At a random point of the ε-box, each pixel uniformly.</summary>
    Uniform,

    /// <summary>At the image itself, as the paper's algorithm 1 writes it.</summary>
    Zero,
}
