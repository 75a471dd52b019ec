namespace CobraAD.Transforms.Hard;

/// <summary>What "50-80 % of the original size" means.</summary>
internal enum CropMeasure
{
    /// <summary>Both sides are multiplied by the drawn fraction.</summary>
    Side,

    /// <summary>The area is: both sides are multiplied by its square root.</summary>
    Area,
}
