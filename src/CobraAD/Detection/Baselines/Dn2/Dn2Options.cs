using CobraAD.Detection.Baselines.Neighbours;

namespace CobraAD.Detection.Baselines.Dn2;

/// <summary>DN2 (Bergman et al. 2020): distances between features of a network that was trained on other images. Nothing is trained.</summary>
public sealed record Dn2Options : NeighbourOptions;
