namespace CobraAD.Methods.Neighbours;

/// <summary>How the distance to the training images becomes a score.</summary>
internal enum NeighbourScore
{
    /// <summary>Sum of the k smallest squared distances between features.</summary>
    Squared,

    /// <summary>The same between features of length 1.</summary>
    SquaredOnSphere,

    /// <summary>Sum of the k smallest distances between features.</summary>
    Euclidean,
}
