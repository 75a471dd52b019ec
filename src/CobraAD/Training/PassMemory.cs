using CobraAD.Networks;

namespace CobraAD.Training;

/// <summary>How much memory a training pass takes.</summary>
internal static class PassMemory
{
    /// <summary>The outputs of convolution and normalisation are kept for the backward pass, whose own maps come and go.</summary>
    private const int CopiesOfEachMap = 3;

    /// <summary>Rows of one forward and backward pass within a limit; at least two, which batch normalisation needs.</summary>
    /// <param name="bytes">The limit.</param>
    /// <param name="encoder">The network whose maps fill the memory.</param>
    /// <param name="height">Of an image in pixels.</param>
    /// <param name="width">Of an image in pixels.</param>
    public static int RowsWithin(long bytes, ResNet encoder, int height, int width) =>
        (int)Math.Clamp(bytes / (CopiesOfEachMap * sizeof(float) * encoder.MapValues(height, width)), 2, int.MaxValue);
}
