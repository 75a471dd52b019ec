using static TorchSharp.torch;

namespace CobraAD.Attacks.BlackBox;

/// <summary>A square window with a place of its own in each image of a batch.</summary>
internal sealed class Window(Tensor top, Tensor left, int side, long height, long width)
{
    /// <summary>Which pixels are inside: bool [B, 1, H, W].</summary>
    public Tensor Mask
    {
        get
        {
            Tensor rows = Within(top, height).unsqueeze(2);
            Tensor columns = Within(left, width).unsqueeze(1);
            return (rows & columns).unsqueeze(1);
        }
    }

    /// <summary>The windows' contents: [B, C, side, side].</summary>
    public Tensor Read(Tensor images) => images.flatten(2).gather(2, Index(images)).reshape(images.size(0), images.size(1), side, side);

    /// <summary>Images with the windows' contents replaced.</summary>
    public Tensor Write(Tensor images, Tensor contents) =>
        images.flatten(2).scatter(2, Index(images), contents.flatten(2)).reshape(images.shape);

    private Tensor Within(Tensor start, long length)
    {
        Tensor place = arange(length, ScalarType.Int64, start.device).unsqueeze(0);
        Tensor first = start.unsqueeze(1);
        return place.ge(first) & place.lt(first + side);
    }

    private Tensor Index(Tensor images)
    {
        Tensor offset = arange(side, ScalarType.Int64, top.device);
        Tensor rows = (top.unsqueeze(1) + offset) * width;
        Tensor columns = left.unsqueeze(1) + offset;
        return (rows.unsqueeze(2) + columns.unsqueeze(1)).reshape(-1, 1, (long)side * side).expand(-1, images.size(1), -1);
    }
}
