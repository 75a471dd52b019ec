using static TorchSharp.torch;

namespace CobraAD.Methods.ReContrast;

/// <summary>A map of an encoder and what the decoder makes of it from the other encoder's maps.</summary>
/// <param name="Encoded">[B, C, h, w].</param>
/// <param name="Decoded">Of the same shape.</param>
internal readonly record struct MapPair(Tensor Encoded, Tensor Decoded)
{
    /// <summary>Keeps the direction of a vector of zeros finite.</summary>
    public const double Floor = 1e-12;

    /// <summary>
    /// 1 - cos between the vectors of each place, as ½ ‖a/‖a‖ - b/‖b‖‖²: where both almost agree the subtraction from 1 would leave only
    /// rounding. In the caller's scope.
    /// </summary>
    /// <returns>[B, 1, h, w].</returns>
    public Tensor Distance() => HalfSquare(Direction(Encoded, 1), Direction(Decoded, 1));

    /// <summary>1 - cos between the whole maps as one vector each; in the caller's scope.</summary>
    /// <returns>[B, 1].</returns>
    public Tensor WholeDistance() => HalfSquare(Direction(Encoded.flatten(1), 1), Direction(Decoded.flatten(1), 1));

    private static Tensor HalfSquare(Tensor a, Tensor b) => (a - b).square().sum([1], keepdim: true) / 2;

    private static Tensor Direction(Tensor vectors, long dimension) => vectors / (vectors.square().sum([dimension], keepdim: true) + Floor).sqrt();
}
