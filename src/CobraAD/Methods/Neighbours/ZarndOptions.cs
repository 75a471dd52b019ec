namespace CobraAD.Methods.Neighbours;

/// <summary>ZARND (Mirzaei et al. 2024): distances between features of an adversarially trained network. Nothing is trained on the data.</summary>
public sealed record ZarndOptions : NeighbourOptions;
