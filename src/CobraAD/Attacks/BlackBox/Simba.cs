using CobraAD.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.BlackBox;

/// <summary>
/// Simple Black-box Attack (Guo et al. 2019): goes through orthonormal directions q in random order and keeps x - e·q or x + e·q where
/// it raises J. The paper's "BlackBox" column; how that one was bounded is not stated.
/// </summary>
/// <remarks>
/// l∞: e brings the direction's largest pixel to ±ε, and the sum is clamped into the ball. l2: e = ε/√M for M directions, so that
/// ‖δ‖ ≤ e·√accepted ≤ ε. All images try the same direction at a time, in an order that the seed fixes.
/// </remarks>
public sealed record Simba : BatchAttack
{
    private const long LargestPixelSide = 64;

    /// <inheritdoc/>
    public override string Name => "simba";

    /// <inheritdoc/>
    public override bool NeedsGradient => false;

    /// <summary>Evaluations, two for each direction.</summary>
    /// <value><see langword="null"/> (the default) makes one pass over all directions.</value>
    public int? Queries { get; init; }

    /// <summary>The directions.</summary>
    /// <value>Default <see cref="SimbaBasis.Automatic"/>.</value>
    public SimbaBasis Basis { get; init; } = SimbaBasis.Automatic;

    /// <summary>How many of the lowest frequencies of each axis the DCT basis uses.</summary>
    /// <value>Default 28, at most the image's side.</value>
    public int Frequencies { get; init; } = 28;

    /// <inheritdoc/>
    public override void Validate()
    {
        OptionCheck.Require(Queries ?? 2, 2, 10_000_000, nameof(Queries));
        OptionCheck.Require(Frequencies, 1, 10_000);
    }

    /// <inheritdoc/>
    protected override void Run(AttackBatch batch, AttackContext context)
    {
        long channels = batch.Clean.size(1), height = batch.Clean.size(2), width = batch.Clean.size(3);
        bool pixels = Basis == SimbaBasis.Pixel || (Basis == SimbaBasis.Automatic && Math.Max(height, width) <= LargestPixelSide);
        long rows = pixels ? height : Math.Min(Frequencies, height);
        long columns = pixels ? width : Math.Min(Frequencies, width);
        long all = channels * rows * columns;
        int directions = (int)Math.Min(all, (Queries ?? int.MaxValue) / 2);
        double step = StepLength(batch.Ball.Threat, pixels, directions, height * width);

        using DisposeScope run = NewDisposeScope();
        Tensor? rowBasis = pixels ? null : Cosines(height, batch.Clean), columnBasis = pixels ? null : Cosines(width, batch.Clean);
        using Generator rng = context.Streams.Create("simba order");
        long[] order = randperm(all, generator: rng).data<long>().ToArray();
        Tensor point = batch.Clean.clone();
        Tensor objective = batch.Evaluate(point, 0, 0);
        for (int i = 0; i < directions; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            (long channel, long place) = Math.DivRem(order[i], rows * columns);
            (long row, long column) = Math.DivRem(place, columns);
            Tensor direction = zeros([1, channels, height, width], batch.Clean.dtype, batch.Clean.device);
            if (pixels) direction[0, channel, row, column] = 1;
            else direction[0, channel] = outer(rowBasis![row], columnBasis![column]);
            Tensor origin = point.clone();
            foreach (double sign in (ReadOnlySpan<double>)[-1, 1])
            {
                Tensor candidate = batch.Ball.Project(origin + direction * (sign * step));
                Tensor found = batch.Evaluate(candidate, 0, 2 * i + (sign < 0 ? 1 : 2));
                Tensor better = found.gt(objective);
                point.copy_(where(Ball.PerRow(better, point), candidate, point));
                objective.copy_(where(better, found, objective));
            }
        }
    }

    private static double StepLength(ThreatModel threat, bool pixels, int directions, long pixelCount)
    {
        if (threat.Norm == Norm.L2) return threat.Epsilon / Math.Sqrt(directions);
        // No pixel of a cosine direction exceeds 2/√(HW).
        return pixels ? threat.Epsilon : threat.Epsilon * Math.Sqrt(pixelCount) / 2;
    }

    /// <summary>The orthonormal DCT-II matrix: D[k, n] = c_k·cos(π(2n + 1)k / 2N), c_0 = √(1/N), else √(2/N).</summary>
    private static Tensor Cosines(long size, Tensor like)
    {
        Tensor place = arange(size, ScalarType.Float64).unsqueeze(0) * 2 + 1;
        Tensor frequency = arange(size, ScalarType.Float64).unsqueeze(1);
        Tensor basis = (place * frequency * (Math.PI / (2 * size))).cos() * Math.Sqrt(2.0 / size);
        basis[0].div_(Math.Sqrt(2));
        return basis.to(like.dtype).to(like.device);
    }
}
