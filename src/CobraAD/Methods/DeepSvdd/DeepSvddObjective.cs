namespace CobraAD.Methods.DeepSvdd;

/// <summary>What DeepSVDD minimises.</summary>
public enum DeepSvddObjective
{
    /// <summary>The mean distance to the centre.</summary>
    OneClass,

    /// <summary>The radius of a sphere that a share ν of the training images may leave at a price.</summary>
    SoftBoundary,
}
