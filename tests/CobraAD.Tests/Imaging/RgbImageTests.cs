using CobraAD.Imaging;
using TorchSharp;

namespace CobraAD.Tests.Imaging;

public sealed class RgbImageTests
{
    [Theory]
    [InlineData(28, 28, 32, 32)]
    [InlineData(9, 5, 20, 31)]
    public void Growing_is_bilinear_interpolation(int width, int height, int newWidth, int newHeight)
    {
        RgbImage image = Noise(width, height);
        using torch.Tensor source = torch.tensor(image.Pixels.ToArray()).view(1, 3, height, width).to(torch.float32);
        using torch.Tensor reference = torch.nn.functional.interpolate(source, [newHeight, newWidth], mode: torch.InterpolationMode.Bilinear, align_corners: false);

        byte[] resized = image.Resize(newWidth, newHeight).Pixels.ToArray();

        float[] expected = reference.data<float>().ToArray();
        for (int i = 0; i < resized.Length; i++) Assert.InRange(resized[i], expected[i] - 0.501, expected[i] + 0.501);
    }

    [Fact]
    public void Shrinking_weighs_pixels_by_a_widened_triangle()
    {
        // Halving: target pixel 1 of 3 sees source pixels 1 to 4 with weights 1, 3, 3, 1 eighths.
        RgbImage image = new(6, 1, [0, 80, 0, 0, 0, 0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 80, 0]);

        RgbImage half = image.Resize(3, 1);

        Assert.Equal((10, 30, 10), half.At(1, 0));
    }

    [Fact]
    public void A_checkerboard_shrinks_to_grey_and_not_to_one_of_its_colours()
    {
        byte[] board = [.. Enumerable.Range(0, 3 * 64 * 64).Select(i => (byte)((i + i / 64) % 2 * 255))];

        RgbImage small = new RgbImage(64, 64, board).Resize(8, 8);

        for (int y = 1; y < 7; y++)
            for (int x = 1; x < 7; x++) Assert.InRange(small.At(x, y).Red, 125, 130);
    }

    [Theory]
    [InlineData(3, 11)]
    [InlineData(50, 7)]
    public void One_colour_stays_one_colour(int width, int height)
    {
        RgbImage image = new(13, 17, [.. Enumerable.Repeat((byte)255, 3 * 13 * 17)]);

        Assert.All(image.Resize(width, height).Pixels.ToArray(), value => Assert.Equal(255, value));
    }

    private static RgbImage Noise(int width, int height)
    {
        byte[] pixels = new byte[3 * width * height];
        new Random(3).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }
}
