using CobraAD.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Attacks.BlackBox;

/// <summary>
/// Square attack (Andriushchenko et al. 2020): black-box random search that changes one square window at a time and keeps what raises J.
/// </summary>
/// <remarks>
/// l∞: from random vertical stripes at ±ε, a window goes to +ε or -ε in each channel. l2: the perturbation is made of pairs of pyramids;
/// one window takes over the strength of another. Windows shrink on the published schedule, stretched to the number of queries below
/// 5,000. Windows and signs are drawn for each image by itself.
/// </remarks>
public sealed record Square : BatchAttack
{
    private const int DrawsAtOnce = 64;
    private const int ScheduleLength = 10_000;
    private const int PublishedQueries = 5000;

    // The share of the image that a window covers is halved after these queries.
    private static readonly int[] Halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

    /// <inheritdoc/>
    public override string Name => "square";

    /// <inheritdoc/>
    public override bool NeedsGradient => false;

    /// <summary>Evaluations of one run.</summary>
    /// <value>Default 5,000.</value>
    public int Queries { get; init; } = 5000;

    /// <summary>Runs.</summary>
    /// <value>Default 1.</value>
    public int Restarts { get; init; } = 1;

    /// <summary>Share of the image that the first windows cover.</summary>
    /// <value>Default 0.8.</value>
    public double FirstShare { get; init; } = 0.8;

    /// <inheritdoc/>
    public override void Validate()
    {
        OptionCheck.Require(Queries, 1, 10_000_000);
        OptionCheck.Require(Restarts, 1, 10_000);
        OptionCheck.Require(FirstShare, 0.001, 1);
    }

    /// <inheritdoc/>
    protected override void Run(AttackBatch batch, AttackContext context)
    {
        bool linf = batch.Ball.Threat.Norm == Norm.Linf;
        for (int restart = 0; restart < Restarts; restart++)
        {
            using DisposeScope run = NewDisposeScope();
            using ImageRandom random = batch.Random("square", restart);
            using SquareBumps bumps = new(batch.Ball);
            Tensor point = (linf ? Stripes(batch, random) : bumps.Tiles(random)).clone();
            Tensor objective = batch.Evaluate(point, restart, 0);
            Tensor draws = empty(0);
            for (int query = 1; query < Queries; query++)
            {
                int inBlock = (query - 1) % DrawsAtOnce;
                if (inBlock == 0)
                {
                    draws.Dispose();
                    draws = random.Uniform(DrawsAtOnce, WindowDraw.Numbers(point));
                }

                using DisposeScope scope = NewDisposeScope();
                WindowDraw draw = new(draws.select(1, inBlock), point);
                int side = Side(query, point);
                Tensor candidate = linf ? Paint(batch.Ball, point, draw, side) : bumps.Shift(point, draw, side);
                Tensor found = batch.Evaluate(candidate, restart, query);
                Tensor better = found.gt(objective);
                point.copy_(where(Ball.PerRow(better, point), candidate, point));
                objective.copy_(where(better, found, objective));
            }
        }
    }

    private static Tensor Stripes(AttackBatch batch, ImageRandom random)
    {
        Tensor signs = random.Signs(batch.Clean.size(1), 1, batch.Clean.size(3));
        return batch.Ball.Project(batch.Clean + signs * batch.Ball.Threat.Epsilon);
    }

    /// <summary>Twice ε in either direction ends at the ball's face wherever the pixel is now.</summary>
    private static Tensor Paint(Ball ball, Tensor point, WindowDraw draw, int side)
    {
        Tensor painted = ball.Project(point + draw.Signs * (2 * ball.Threat.Epsilon));
        return where(draw.First(side).Mask, painted, point);
    }

    private int Side(int query, Tensor images)
    {
        double place = Queries < PublishedQueries ? query * (double)ScheduleLength / Queries : query;
        double share = FirstShare / Math.Pow(2, Halvings.Count(halving => place > halving));
        long height = images.size(2), width = images.size(3);
        return (int)Math.Clamp(Math.Round(Math.Sqrt(share * height * width)), 1, Math.Min(height, width));
    }
}
