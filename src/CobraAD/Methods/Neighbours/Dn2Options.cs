namespace CobraAD.Methods.Neighbours;

/// <summary>DN2 (Bergman et al. 2020): distances between features of a network that was trained on other images. Nothing is trained.</summary>
public sealed record Dn2Options : NeighbourOptions;
