using static TorchSharp.torch;

namespace CobraAD.Attacks.BlackBox;

/// <summary>The random choices of one query of the Square attack: two window places, a sign for each channel, and an orientation.</summary>
internal sealed class WindowDraw(Tensor uniform, Tensor images)
{
    private readonly long height = images.size(2);
    private readonly long width = images.size(3);

    /// <summary>+1 or -1 for each image and channel: [B, C, 1, 1].</summary>
    public Tensor Signs => uniform.narrow(1, 5, images.size(1)).ge(0.5).to(images.dtype).mul(2).sub(1).reshape(-1, images.size(1), 1, 1);

    /// <summary>Which images turn their pyramids by 90°: bool [B, 1, 1].</summary>
    public Tensor Turned => uniform.narrow(1, 4, 1).ge(0.5).reshape(-1, 1, 1);

    /// <summary>How many uniform numbers one image needs.</summary>
    public static long Numbers(Tensor images) => 5 + images.size(1);

    public Window First(int side) => Place(0, side);

    public Window Second(int side) => Place(2, side);

    private Window Place(int column, int side)
    {
        Tensor top = Corner(column, height - side);
        Tensor left = Corner(column + 1, width - side);
        return new Window(top, left, side, height, width);
    }

    private Tensor Corner(int column, long last) =>
        (uniform.select(1, column) * (last + 1)).floor().clamp_max(last).to(ScalarType.Int64);
}
