namespace CobraAD.Networks.Backbones;

/// <summary>What an in-house backbone was trained for.</summary>
public enum PretrainingObjective
{
    /// <summary>To name the class of an image: cross-entropy.</summary>
    Supervised,

    /// <summary>To recognise another view of the same image, without labels: NT-Xent, SimCLR (Chen et al. 2020).</summary>
    Simclr,

    /// <summary>To name the class of an attacked image: cross-entropy at the worst point that PGD finds (Madry et al. 2018).</summary>
    Adversarial,
}
