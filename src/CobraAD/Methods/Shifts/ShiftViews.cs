using CobraAD.Torch;
using CobraAD.Transforms;
using CobraAD.Transforms.Light;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Methods.Shifts;

/// <summary>Views of images under shifts: a flip, then each of the K shifts Υ_k, then the light transforms (docs/reference/methods/csi.md, released.md).</summary>
/// <param name="options">The transforms, and how many views.</param>
/// <param name="shift">Images under a shift above 0: gets images, the shift and a CPU generator.</param>
/// <param name="purpose">Of the random numbers of the score's views.</param>
internal sealed class ShiftViews(IShiftOptions options, Func<Tensor, int, Generator, Tensor> shift, string purpose)
{
    private readonly HorizontalFlip flip = new(options.Augmentation.FlipProbability);
    private readonly LightAugmentation light = new(options.Augmentation with { FlipProbability = 0 });
    private readonly IImageTransform[] scored = Scored(options);

    /// <summary>One training view of every image under every shift, shift-major: row k · b + i; the caller disposes it.</summary>
    /// <param name="normals">[b, 3, H, W].</param>
    /// <param name="rng">CPU generator.</param>
    /// <returns>[K b, 3, H, W].</returns>
    public Tensor Draw(Tensor normals, Generator rng)
    {
        using DisposeScope scope = NewDisposeScope();
        return light.Apply(Shifted(flip.Apply(normals, rng), rng), rng).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The views that the score looks at, differentiable. Sample t is drawn with the seed t, anew for each image, so every image gets the
    /// same draws whatever else is in the batch. (The code seeds once for a batch: its scores depend on an image's place in it.)
    /// </summary>
    /// <param name="images">[B, 3, H, W].</param>
    /// <returns>[B K T', 3, H, W], an image's views together, shift-major: k · T' + t; the caller disposes it.</returns>
    public Tensor ForScore(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        if (options.ScoreViews == 0) return Plain(images).MoveToOuterDisposeScope();
        long batch = images.size(0);
        Tensor[] samples = [.. Enumerable.Range(0, options.ScoreViews).Select(sample => stack([.. Enumerable.Range(0, (int)batch).Select(i => ForScore(images.narrow(0, i, 1), sample))]))];
        return stack(samples, 2).flatten(0, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Sample t of one image under every shift, [K, 3, H, W].</summary>
    private Tensor ForScore(Tensor image, int sample)
    {
        using DisposeScope scope = NewDisposeScope();
        // The views belong to the score, not to a training: the same for every seed.
        using Generator rng = new RandomStreams(0).Create(purpose, sample);
        Tensor views = Shifted(flip.Apply(image, rng), rng);
        foreach (IImageTransform transform in scored) views = transform.Apply(views, rng);
        return views.MoveToOuterDisposeScope();
    }

    private static IImageTransform[] Scored(IShiftOptions options)
    {
        LightAugmentationOptions augmentation = options.Augmentation;
        IImageTransform[] colour = [new ColorJitter(augmentation), new Grayscale(augmentation.GrayscaleProbability)];
        return augmentation.MinCropArea < 1 ? [.. colour, new ResizedCrop(options.ScoreCropArea, augmentation.MaxCropAspect) { MaxArea = options.ScoreCropArea }] : colour;
    }

    /// <summary>Every image under every shift and nothing else, an image's together.</summary>
    private Tensor Plain(Tensor images)
    {
        using Generator rng = new RandomStreams(0).Create(purpose, 0);
        return stack([.. Enumerable.Range(0, options.Shifts).Select(k => Under(images, k, rng))], 1).flatten(0, 1);
    }

    private Tensor Shifted(Tensor images, Generator rng) => cat([.. Enumerable.Range(0, options.Shifts).Select(k => Under(images, k, rng))]);

    private Tensor Under(Tensor images, int k, Generator rng) => k == 0 ? images : shift(images, k, rng);
}
