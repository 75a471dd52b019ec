using CobraAD.Transforms;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Released;

/// <summary>
/// The released code's CutPaste: a rectangle of the image, its colours strongly changed, now and then grey, blurred and mirrored, pasted
/// at another place and turned by any angle; in 15 of 100 images the turned rectangle is black instead (docs/reference/methods/released.md).
/// </summary>
/// <remarks>
/// The code's sizes are pixels, meant for 224; here they scale with the image's shorter side. The rectangle turns about its own middle,
/// not the image's, so none is turned out of the image, and the blur's width is drawn once for the batch.
/// </remarks>
internal sealed class ReleasedScar : IImageTransform
{
    private const double MeantFor = 224, MinWidth = 7, MinHeight = 10, MaxSide = 40;
    private const double PasteProbability = 0.85, GrayscaleProbability = 0.1, MirrorProbability = 0.5;
    private const int MostTries = 20;
    private const double Darkest = 0.15, Brightest = 0.8;

    private static readonly ColorJitter Jitter = new(new LightAugmentationOptions
    {
        JitterProbability = 1,
        Contrast = 0.8,
        Saturation = 0.8,
        Brightness = 0.8,
        // 0.2 of a turn; ColorJitter counts on the scale of 8-bit hue.
        Hue = 0.2 * 360 / 255,
    });

    public string Name => "released-scar";

    public Tensor Apply(Tensor images, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        long batch = images.size(0);
        double scale = Math.Min(images.size(2), images.size(3)) / MeantFor;
        Tensor width = Side(MinWidth, images.size(3)), height = Side(MinHeight, images.size(2));
        PixelBox source = PixelBox.Place(height, width, images, rng), target = Target(images, height, width, rng);
        Tensor angle = RandomDraw.Uniform(rng, batch, 0, 2 * Math.PI);
        Tensor isPasted = OnGrid(RandomDraw.Coin(rng, batch, PasteProbability)).unsqueeze(1);
        Tensor mirror = OnGrid(RandomDraw.Coin(rng, batch, MirrorProbability).to(ScalarType.Float64).mul(-2).add(1));

        // Pixel (i, j) seen from the middle of the target, turned back into the rectangle's own axes.
        Tensor cosine = OnGrid(angle.cos()), sine = OnGrid(angle.sin());
        Tensor down = arange(images.size(2), dtype: images.dtype, device: images.device).reshape(1, -1, 1) - Middle(target.Top, height);
        Tensor right = arange(images.size(3), dtype: images.dtype, device: images.device).reshape(1, 1, -1) - Middle(target.Left, width);
        Tensor across = cosine * right + sine * down, along = cosine * down - sine * right;
        Tensor mask = (across.abs().le(OnGrid(width.to(ScalarType.Float64) / 2)) & along.abs().le(OnGrid(height.to(ScalarType.Float64) / 2))).unsqueeze(1);

        // A grid unit is half a side and 0 is the middle of the image.
        Tensor x = (mirror * across + Middle(source.Left, width)) * (2.0 / images.size(3)) + (1.0 / images.size(3) - 1);
        Tensor y = (along + Middle(source.Top, height)) * (2.0 / images.size(2)) + (1.0 / images.size(2) - 1);
        Tensor pasted = Resampling.Sample(Recolour(images, rng), stack([x, y], 3));
        return where(mask, where(isPasted, pasted, zeros_like(pasted)), images).MoveToOuterDisposeScope();

        Tensor Side(double smallest, long side) => RandomDraw.Uniform(rng, batch, smallest, MaxSide).mul_(scale).round_().clamp_(1, side).to(ScalarType.Int64);

        Tensor OnGrid(Tensor drawn) => (drawn.dtype == ScalarType.Bool ? drawn : drawn.to(images.dtype)).to(images.device).reshape(-1, 1, 1);

        Tensor Middle(Tensor start, Tensor length) => OnGrid(start.to(ScalarType.Float64) + (length.to(ScalarType.Float64) - 1) / 2);
    }

    private static Tensor Recolour(Tensor images, Generator rng)
    {
        Tensor coloured = new Grayscale(GrayscaleProbability).Apply(Jitter.Apply(images, rng), rng);
        using Tensor sigma = RandomDraw.Uniform(rng, 1, 0.1, 5);
        return Blur(coloured, sigma.item<double>());
    }

    /// <summary>With a kernel five pixels wide and nine high.</summary>
    private static Tensor Blur(Tensor images, double sigma)
    {
        Tensor Weight(int radius) => GaussianBlur.Kernel(radius, sigma).to(images.dtype).to(images.device);
        Tensor padded = nn.functional.pad(images, [2, 2, 4, 4], PaddingModes.Reflect);
        Tensor vertical = nn.functional.conv2d(padded, Weight(4).reshape(1, 1, -1, 1).expand(3, 1, -1, 1), groups: 3);
        return nn.functional.conv2d(vertical, Weight(2).reshape(1, 1, 1, -1).expand(3, 1, 1, -1), groups: 3);
    }

    /// <summary>Where the rectangle is pasted: drawn anew, up to 20 times, while what is there is darker or brighter than the code allows.</summary>
    private static PixelBox Target(Tensor images, Tensor height, Tensor width, Generator rng)
    {
        // Sums over [0, i) × [0, j), so that the mean of any rectangle takes four of them.
        Tensor summed = nn.functional.pad(images.detach().mean([1]).to(ScalarType.Float64).cpu().cumsum(1).cumsum(2), [1, 0, 1, 0]);
        long stride = images.size(3) + 1;
        Tensor flat = summed.flatten(1);
        PixelBox box = PixelBox.Place(height, width, images, rng);
        for (int tries = 1; tries < MostTries; tries++)
        {
            Tensor bottom = box.Top + height, right = box.Left + width;
            Tensor mean = (At(bottom, right) - At(box.Top, right) - At(bottom, box.Left) + At(box.Top, box.Left)) / (height * width);
            Tensor isWrong = mean.le(Darkest) | mean.ge(Brightest);
            PixelBox again = PixelBox.Place(height, width, images, rng);
            box = box with { Top = where(isWrong, again.Top, box.Top), Left = where(isWrong, again.Left, box.Left) };
        }

        return box;

        Tensor At(Tensor row, Tensor column) => flat.gather(1, (row * stride + column).unsqueeze(1)).squeeze(1);
    }
}
