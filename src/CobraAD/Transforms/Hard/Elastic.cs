using CobraAD.Validation;
using static TorchSharp.torch;

namespace CobraAD.Transforms.Hard;

/// <summary>Smooth random distortion (the paper's "Distortion": named in its main text and Algorithm 1, without parameters).</summary>
/// <remarks>
/// Every pixel moves by a Gaussian-filtered noise field of known strength. The released code's α = 200, σ = 7 pixels moves by at most
/// 9-10 pixels at any image size: barely visible at 224 pixels, a third of the picture at 32. Here both lengths are fractions of the
/// width, so that a picture is distorted alike at every size; the default lies between those two.
/// </remarks>
internal sealed record Elastic : IImageTransform
{
    /// <summary>Root mean square displacement along each axis, as a fraction of the width.</summary>
    /// <value>0.03 by default: 1 pixel at 32, 6.7 at 224.</value>
    public double Displacement { get; init; } = 0.03;

    /// <summary>Standard deviation of the filter that smooths the field, as a fraction of the width; at least 1.5 pixels.</summary>
    /// <value>1/16 by default: 2 pixels at 32, 14 at 224.</value>
    public double Smoothness { get; init; } = 1.0 / 16;

    /// <inheritdoc/>
    public string Name => "elastic";

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Validate()
    {
        OptionCheck.Require(Displacement, 0, 0.5);
        OptionCheck.Require(Smoothness, 0, 0.5);
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Generator rng)
    {
        Validate();
        using var scope = NewDisposeScope();
        long batch = images.size(0), height = images.size(2), width = images.size(3);

        double sigma = Math.Max(1.5, Smoothness * width);
        int radius = (int)Math.Ceiling(3 * sigma);
        Tensor kernel = GaussianBlur.Kernel(radius, sigma);
        Tensor noise = randn([batch, 2, height + 2 * radius, width + 2 * radius], dtype: ScalarType.Float32, generator: rng);
        Tensor field = GaussianBlur.Valid(noise.to(images.dtype).to(images.device), kernel);
        // A filter with weights k k' scales the deviation of white noise by |k| |k'|; a pixel is 2 / side in grid units.
        Tensor pixels = field * (Displacement * width / kernel.square().sum().item<double>());
        Tensor unit = tensor([2.0 / width, 2.0 / height]).to(images.dtype).to(images.device);

        Tensor still = tensor([1.0, 0, 0, 0, 1, 0]).reshape(1, 2, 3).expand(batch, 2, 3).to(images.dtype).to(images.device);
        Tensor grid = nn.functional.affine_grid(still, images.shape, align_corners: false) + pixels.permute(0, 2, 3, 1) * unit;
        return Resampling.Sample(images, grid).MoveToOuterDisposeScope();
    }
}
