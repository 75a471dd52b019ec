using static TorchSharp.torch;

namespace CobraAD.Losses;

/// <summary>v/(‖v‖ + floor): a vector's direction. The floor leaves the zero vector where it is.</summary>
internal static class UnitLength
{
    /// <summary>The floor that the released code has (decision "small constants").</summary>
    public const double Floor = 1e-8;

    /// <summary>The directions of vectors; the caller disposes them.</summary>
    /// <param name="vectors">[..., d].</param>
    /// <param name="floor">Added to each length.</param>
    /// <returns>[..., d].</returns>
    public static Tensor Of(Tensor vectors, double floor = Floor) => vectors / (vectors.norm(-1, keepdim: true, p: 2f) + floor);
}
