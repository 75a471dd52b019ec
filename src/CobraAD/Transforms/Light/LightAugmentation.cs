using static TorchSharp.torch;

namespace CobraAD.Transforms.Light;

/// <summary>The paper's light transforms τ, which keep an image what it is: flip, colour jitter, grayscale, resized crop (appendix D.2).</summary>
/// <param name="options">Strengths and probabilities; the defaults when <see langword="null"/>.</param>
internal sealed class LightAugmentation(LightAugmentationOptions? options = null) : IImageTransform
{
    private readonly IImageTransform[] steps = Compose(options ?? new LightAugmentationOptions());

    /// <inheritdoc/>
    public string Name => "light";

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        using var scope = NewDisposeScope();
        Tensor result = images.alias();
        foreach (IImageTransform step in steps) result = step.Apply(result, rng);
        return result.MoveToOuterDisposeScope();
    }

    private static IImageTransform[] Compose(LightAugmentationOptions options)
    {
        options.Validate();
        return
        [
            new HorizontalFlip(options.FlipProbability), new ColorJitter(options), new Grayscale(options.GrayscaleProbability),
            new ResizedCrop(options.MinCropArea, options.MaxCropAspect),
        ];
    }
}
