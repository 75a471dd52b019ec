using Microsoft.ML.OnnxRuntime;

namespace CobraAD.Runtime.Lanes;

/// <summary>
/// The lanes of one model: as many as calls have run at once. It owns the session, which lives until the last call that was in work
/// when the pool was disposed has ended.
/// </summary>
internal sealed class LanePool(InferenceSession session, ModelInfo model, RobustDetectorOptions options) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Stack<ScoringLane> idle = [];
    private int running;
    private bool disposed;

    /// <summary>Takes a lane with room for a number of images in one run.</summary>
    /// <exception cref="ObjectDisposedException">The pool, and with it the detector, is disposed.</exception>
    public LaneLease Rent(int count)
    {
        ScoringLane? lane;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, typeof(RobustDetector));
            running++;
            idle.TryPop(out lane);
        }

        lane ??= new ScoringLane(session, model, options);
        lane.Reserve(count);
        return new LaneLease(this, lane);
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            while (idle.TryPop(out ScoringLane? lane)) lane.Dispose();
            if (running == 0) session.Dispose();
        }
    }

    internal void Return(ScoringLane lane)
    {
        lane.Trim();
        lock (gate)
        {
            running--;
            if (!disposed)
            {
                idle.Push(lane);
                return;
            }

            lane.Dispose();
            if (running == 0) session.Dispose();
        }
    }
}
