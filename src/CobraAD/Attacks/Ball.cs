using static TorchSharp.torch;

namespace CobraAD.Attacks;

/// <summary>
/// The admissible points around each image of a batch, {x' in [0, 1] : ‖x' - x‖ ≤ ε}, and how attacks move in it. Works on whole
/// batches; no image influences another. Every method returns a new tensor in the caller's dispose scope.
/// </summary>
/// <example>
/// One step of projected gradient ascent, x ← Project(x + α·d), in either norm:
/// <code>
/// Tensor next = batch.Ball.Move(point, batch.Ball.SteepestDirection(gradient), alpha * batch.Ball.Threat.Epsilon);
/// </code>
/// </example>
public sealed class Ball
{
    // Rounding of x ± ε in float32 reaches half a unit in the last place of 1, relative to an ε that can be as small as 1/255.
    private const double RelativeTolerance = 1e-6;
    private const double AbsoluteTolerance = 1e-7;

    private readonly Tensor low;
    private readonly Tensor high;

    internal Ball(ThreatModel threat, Tensor centre)
    {
        Threat = threat;
        Centre = centre;
        double side = threat.Norm == Norm.Linf ? threat.Epsilon : 1;
        low = (centre - side).clamp_(0, 1);
        high = (centre + side).clamp_(0, 1);
    }

    /// <summary>The norm and the radius.</summary>
    public ThreatModel Threat { get; }

    /// <summary>The clean images [B, 3, H, W].</summary>
    public Tensor Centre { get; }

    /// <summary>The largest distance from the centre that still counts as inside, rounding included.</summary>
    /// <param name="epsilon">The radius.</param>
    internal static double Reach(double epsilon) => epsilon * (1 + RelativeTolerance) + AbsoluteTolerance;

    /// <summary>
    /// The admissible point nearest to each row: for l∞ a clamp to a box computed once, so it never drifts; for l2 the perturbation is
    /// scaled back to the sphere, then clamped to [0, 1], which only shrinks it because the clean image is inside the box.
    /// </summary>
    /// <param name="points">[B, 3, H, W].</param>
    public Tensor Project(Tensor points)
    {
        if (Threat.Norm == Norm.Linf) return minimum(maximum(points, low), high);
        Tensor delta = points - Centre;
        Tensor scale = (Threat.Epsilon / Length(delta).clamp_min(Smallest(delta))).clamp_max(1);
        return (Centre + delta * scale).clamp_(0, 1);
    }

    /// <summary>The step of length one that raises a linear function with this gradient fastest: its sign (l∞), or the unit vector along it (l2).</summary>
    /// <param name="gradient">[B, 3, H, W].</param>
    public Tensor SteepestDirection(Tensor gradient)
    {
        if (Threat.Norm == Norm.Linf) return gradient.sign();
        // Two stages: squares of float32 gradients below 1e-19 vanish.
        Tensor largest = PerRow(gradient.abs().flatten(1).amax([1L]), gradient);
        Tensor scaled = gradient / largest.clamp_min(Smallest(gradient));
        return scaled / Length(scaled).clamp_min(Smallest(gradient));
    }

    /// <summary>Moves along a direction of <see cref="SteepestDirection"/> and comes back into the ball.</summary>
    /// <param name="points">[B, 3, H, W].</param>
    /// <param name="direction">[B, 3, H, W].</param>
    /// <param name="length">The step's length in the norm of the threat model.</param>
    public Tensor Move(Tensor points, Tensor direction, double length) => Project(points + direction * length);

    /// <summary>Moves along a direction with a length of its own for each image.</summary>
    /// <param name="points">[B, 3, H, W].</param>
    /// <param name="direction">[B, 3, H, W].</param>
    /// <param name="length">[B, 1, 1, 1].</param>
    public Tensor Move(Tensor points, Tensor direction, Tensor length) => Project(points + direction * length);

    /// <summary>A random admissible point: uniform in the box (l∞), or a Gaussian direction with radius ε·u^(1/d) (l2).</summary>
    /// <param name="random">The images' generators.</param>
    public Tensor RandomPoint(ImageRandom random)
    {
        long[] shape = Centre.shape[1..];
        if (Threat.Norm == Norm.Linf) return Project(Centre + (random.Uniform(shape) * 2 - 1) * Threat.Epsilon);
        Tensor direction = SteepestDirection(random.Normal(shape));
        double dimensions = shape.Aggregate(1L, (a, b) => a * b);
        Tensor radius = PerRow(random.Uniform(1).squeeze(1).pow(1 / dimensions), Centre);
        return Move(Centre, direction, radius * Threat.Epsilon);
    }

    /// <summary>A random admissible point at distance ε before the clamp to [0, 1].</summary>
    /// <param name="random">The images' generators.</param>
    public Tensor RandomBoundaryPoint(ImageRandom random)
    {
        long[] shape = Centre.shape[1..];
        if (Threat.Norm == Norm.L2) return Move(Centre, SteepestDirection(random.Normal(shape)), Threat.Epsilon);
        Tensor noise = random.Uniform(shape) * 2 - 1;
        Tensor largest = PerRow(noise.abs().flatten(1).amax([1L]), noise);
        return Move(Centre, noise / largest.clamp_min(Smallest(noise)), Threat.Epsilon);
    }

    /// <summary>‖x' - x‖ of each row, float64 [B].</summary>
    /// <param name="points">[B, 3, H, W].</param>
    public Tensor Distance(Tensor points)
    {
        Tensor delta = (points - Centre).flatten(1);
        return Threat.Norm == Norm.Linf
            ? delta.abs().amax([1L]).to(ScalarType.Float64)
            : delta.square().sum([1L], type: ScalarType.Float64).sqrt();
    }

    /// <summary>Which rows are admissible up to rounding, bool [B]. A row with NaN is not.</summary>
    /// <param name="points">[B, 3, H, W].</param>
    public Tensor Contains(Tensor points)
    {
        Tensor pixels = points.flatten(1);
        return pixels.amin([1L]).ge(0) & pixels.amax([1L]).le(1) & Distance(points).le(Reach(Threat.Epsilon));
    }

    /// <summary>One value for each row, shaped to multiply or to choose among the images of a batch.</summary>
    /// <param name="values">[B].</param>
    /// <param name="like">A tensor with the images' number of dimensions, e.g. [B, 3, H, W].</param>
    /// <returns>A view [B, 1, 1, 1].</returns>
    public static Tensor PerRow(Tensor values, Tensor like) => values.reshape([values.size(0), .. Enumerable.Repeat(1L, (int)like.dim() - 1)]);

    internal static Tensor Length(Tensor delta) => PerRow(delta.flatten(1).square().sum(1).sqrt(), delta);

    private static double Smallest(Tensor like) => like.dtype == ScalarType.Float64 ? 1e-300 : 1e-37;
}
