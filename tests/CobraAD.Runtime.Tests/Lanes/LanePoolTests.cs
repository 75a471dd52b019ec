using CobraAD.Runtime.Lanes;

namespace CobraAD.Runtime.Tests.Lanes;

public sealed class LanePoolTests : IDisposable
{
    private readonly TestModel file = new();
    private readonly LanePool pool;

    public LanePoolTests()
    {
        RobustDetectorOptions options = new();
        using RobustDetector detector = RobustDetector.Load(file.Path, options);
        pool = new LanePool(ModelSession.Open(file.Path, File.ReadAllBytes(file.Path), options), detector.Model, options);
    }

    public void Dispose()
    {
        pool.Dispose();
        file.Dispose();
    }

    [Fact]
    public void A_lane_that_was_given_back_is_lent_again()
    {
        ScoringLane first;
        using (LaneLease lease = pool.Rent(1)) first = lease.Lane;

        using LaneLease next = pool.Rent(3);

        Assert.Same(first, next.Lane);
        Assert.Equal(3, next.Lane.Scores.Length);
    }

    [Fact]
    public void Two_calls_at_once_never_share_a_lane()
    {
        using LaneLease one = pool.Rent(1);
        using LaneLease other = pool.Rent(1);

        Assert.NotSame(one.Lane, other.Lane);
    }

    [Fact]
    public void A_lane_in_work_outlives_its_pool()
    {
        LaneLease lease = pool.Rent(1);

        pool.Dispose();
        lease.Lane.Run(1);
        lease.Dispose();

        Assert.Equal(0, lease.Lane.Scores[0]);
        Assert.Throws<ObjectDisposedException>(() => pool.Rent(1));
    }
}
