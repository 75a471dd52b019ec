using static TorchSharp.torch;

namespace CobraAD.Transforms;

/// <summary>
/// Bilinear resampling with reflected borders: no black corners that would give a transform away (decision "borders and sizes of hard
/// transforms").
/// </summary>
internal static class Resampling
{
    /// <summary>
    /// Samples image b at theta[b] · (x, y, 1), in coordinates that run from -1 to 1 over the outer edges of the image.
    /// </summary>
    /// <param name="images">[B, 3, H, W].</param>
    /// <param name="theta">The six entries of the 2 × 3 matrix, row by row: each a number for all images or [B] on the CPU.</param>
    public static Tensor Affine(Tensor images, params ReadOnlySpan<Tensor> theta)
    {
        long batch = images.size(0);
        Tensor[] columns = new Tensor[6];
        for (int i = 0; i < 6; i++) columns[i] = theta[i].to(ScalarType.Float64).expand(batch);
        Tensor matrix = stack(columns, 1).reshape(batch, 2, 3).to(images.dtype).to(images.device);
        return Sample(images, nn.functional.affine_grid(matrix, images.shape, align_corners: false));
    }

    /// <summary>The window of the given size (fractions of the sides) and centre (in [-1, 1]) enlarged to the whole image.</summary>
    public static Tensor Crop(Tensor images, Tensor width, Tensor height, Tensor centreX, Tensor centreY)
    {
        Tensor zero = zeros(1, dtype: ScalarType.Float64);
        return Affine(images, width, zero, centreX, zero, height, centreY);
    }

    /// <summary>Samples at a grid [B, H, W, 2] of (x, y) in [-1, 1].</summary>
    public static Tensor Sample(Tensor images, Tensor grid) => UnitInterval.Trim(
        nn.functional.grid_sample(images, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Reflection, align_corners: false));
}
