using static TorchSharp.torch;

namespace CobraAD.Attacks.Gradient;

/// <summary>
/// The shortest way from points t in [0, 1]^d to the plane {z : w·z = w·t + c} without leaving the box.
/// </summary>
/// <remarks>
/// Let room_j be how far t_j can move in the useful direction, sign(c·w_j). The shortest move gives every coordinate min(λ, room_j)
/// (l∞) or min(λ|w_j|, room_j) (l2), with the one λ ≥ 0 that covers |c|. The covered distance is piecewise linear in λ with a break
/// where a coordinate runs out of room; sorting the breaks finds the segment. If all the room is not enough, all of it is used.
/// </remarks>
internal static class PlaneProjection
{
    /// <summary>The move from each point; a new tensor in the caller's dispose scope.</summary>
    /// <param name="points">t: [B, d].</param>
    /// <param name="normal">w: [B, d].</param>
    /// <param name="offset">c: [B].</param>
    /// <param name="norm">Which length is the shortest.</param>
    public static Tensor Move(Tensor points, Tensor normal, Tensor offset, Norm norm)
    {
        // Sums over all pixels of squared gradients need double precision.
        ScalarType type = points.dtype;
        points = points.to(ScalarType.Float64);
        normal = normal.to(ScalarType.Float64);
        offset = offset.to(ScalarType.Float64);
        Tensor direction = normal.sign() * offset.sign().unsqueeze(1);
        Tensor room = where(direction.gt(0), 1 - points, where(direction.lt(0), points, zeros_like(points)));
        Tensor slope = normal.abs();
        // Cover(λ) = Σ rate_j·min(λ, break_j).
        Tensor breaks = norm == Norm.Linf ? room : (room / slope).nan_to_num(0, 0, 0);
        Tensor rate = norm == Norm.Linf ? slope : slope.square();

        (Tensor ascending, Tensor order) = breaks.sort(1);
        Tensor rates = rate.gather(1, order);
        Tensor used = (rates * ascending).cumsum(1);
        Tensor stillMoving = rates.sum(1, true) - rates.cumsum(1);
        Tensor coverAtBreak = used + ascending * stillMoving;
        Tensor needed = offset.abs().unsqueeze(1);
        Tensor segment = coverAtBreak.lt(needed).sum(1, true, ScalarType.Int64);
        Tensor enough = segment.lt(points.size(1));
        Tensor index = segment.clamp_max(points.size(1) - 1);
        Tensor usedBefore = used.gather(1, index) - (rates * ascending).gather(1, index);
        Tensor movingFrom = stillMoving.gather(1, index) + rates.gather(1, index);
        Tensor lambda = where(enough, (needed - usedBefore) / movingFrom, full_like(needed, double.PositiveInfinity));
        // Nothing is needed where the point is on the plane already, and 0/0 above means that nothing can move.
        lambda = lambda.nan_to_num(0, double.PositiveInfinity, 0);
        Tensor reach = norm == Norm.Linf ? lambda : (lambda * slope).nan_to_num(0, double.PositiveInfinity, 0);
        return (direction * minimum(reach, room)).to(type);
    }
}
