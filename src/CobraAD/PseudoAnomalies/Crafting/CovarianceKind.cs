namespace CobraAD.PseudoAnomalies.Crafting;

/// <summary>Shape of a mixture component's covariance.</summary>
public enum CovarianceKind
{
    /// <summary>Any symmetric positive definite matrix.</summary>
    Full,

    /// <summary>Independent coordinates.</summary>
    Diagonal,
}
