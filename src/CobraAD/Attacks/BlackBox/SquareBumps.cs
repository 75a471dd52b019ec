using static TorchSharp.torch;

namespace CobraAD.Attacks.BlackBox;

/// <summary>
/// The moves of the Square attack in an l2 ball. A bump is two pyramids of opposite sign side by side, each a stack of concentric
/// rectangles of weight 1/k², of unit length together.
/// </summary>
internal sealed class SquareBumps(Ball ball) : IDisposable
{
    private const int TilesPerSide = 5;

    private readonly Dictionary<int, Tensor> bumps = [];

    /// <summary>A start at distance ε: bumps of random sign and orientation tiled over the image.</summary>
    public Tensor Tiles(ImageRandom random)
    {
        Tensor clean = ball.Centre;
        long batch = clean.size(0), channels = clean.size(1), height = clean.size(2), width = clean.size(3);
        long tiles = Math.Min(TilesPerSide, Math.Min(height, width));
        int side = (int)(Math.Min(height, width) / tiles);
        Tensor signs = random.Signs(channels, tiles, 1, tiles, 1);
        Tensor turned = random.Uniform(1, tiles, 1, tiles, 1).ge(0.5);
        Tensor bump = Bump(side);
        Tensor tile = where(turned, bump.t().reshape(1, 1, 1, side, 1, side), bump.reshape(1, 1, 1, side, 1, side));
        Tensor pattern = (signs * tile).reshape(batch, channels, tiles * side, tiles * side);
        long top = (height - tiles * side) / 2, left = (width - tiles * side) / 2;
        Tensor delta = zeros_like(clean);
        delta.narrow(2, top, tiles * side).narrow(3, left, tiles * side).copy_(pattern);
        return OnSphere(delta);
    }

    /// <summary>
    /// Moves the strength of a second window into the first, whose content is mixed with a bump; what the perturbation lacks to length ε
    /// is added there too.
    /// </summary>
    public Tensor Shift(Tensor point, WindowDraw draw, int side)
    {
        int odd = OddSide(side, point);
        Window first = draw.First(odd), second = draw.Second(odd);
        Tensor delta = point - ball.Centre;
        Tensor both = first.Mask | second.Mask;
        Tensor strength = where(both, delta, zeros_like(delta)).square().sum([2, 3], true);
        Tensor unused = (ball.Threat.Epsilon * ball.Threat.Epsilon - delta.square().sum([1, 2, 3], true)).clamp_min(0) / delta.size(1);
        Tensor bump = Bump(odd);
        Tensor oriented = where(draw.Turned, bump.t().unsqueeze(0), bump.unsqueeze(0)).unsqueeze(1);
        Tensor content = Unit(Unit(first.Read(delta)) + draw.Signs * oriented) * (strength + unused).sqrt();
        Tensor emptied = where(both, zeros_like(delta), delta);
        return OnSphere(first.Write(emptied, content));
    }

    public void Dispose()
    {
        foreach (Tensor bump in bumps.Values) bump.Dispose();
    }

    private Tensor OnSphere(Tensor delta) => ball.Project(ball.Centre + delta / Smallest(Ball.Length(delta)) * ball.Threat.Epsilon);

    /// <summary>Each channel scaled to unit length.</summary>
    private static Tensor Unit(Tensor windows) => windows / Smallest(windows.square().sum([2, 3], true).sqrt());

    private static Tensor Smallest(Tensor length) => length.clamp_min(1e-12);

    private Tensor Bump(int side)
    {
        if (bumps.TryGetValue(side, out Tensor? bump)) return bump;
        double[] values = new double[side * side];
        int half = side / 2;
        AddPyramid(values, side, 0, half, 1);
        AddPyramid(values, side, half, side - half, -1);
        double length = Math.Sqrt(values.Sum(value => value * value));
        bump = tensor([.. values.Select(value => value / length)], [side, side], ScalarType.Float64).to(ball.Centre.dtype).to(ball.Centre.device);
        return bumps[side] = bump.DetachFromDisposeScope();
    }

    private static void AddPyramid(double[] values, int side, int firstRow, int rows, double sign)
    {
        int layers = Math.Max(rows, side) / 2 + 1;
        int middleRow = rows / 2, middleColumn = side / 2;
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < side; column++)
            {
                int distance = Math.Max(Math.Abs(row - middleRow), Math.Abs(column - middleColumn));
                for (int layer = distance + 1; layer <= layers; layer++) values[(firstRow + row) * side + column] += sign / (layer * (double)layer);
            }
        }
    }

    private static int OddSide(int side, Tensor images)
    {
        int largest = (int)Math.Min(images.size(2), images.size(3));
        int odd = Math.Max(side, 3) | 1;
        return odd <= largest ? odd : largest - (largest + 1) % 2;
    }
}
