using CobraAD.Datasets;
using CobraAD.Networks;

namespace CobraAD.Training;

/// <summary>How much memory a training takes.</summary>
/// <remarks>Estimates from the options alone: what is really free would make the parts, and with them the result, depend on the machine.</remarks>
internal static class PassMemory
{
    /// <summary>The outputs of convolution and normalisation are kept for the backward pass, whose own maps come and go.</summary>
    private const int CopiesOfEachMap = 3;

    /// <summary>Copies of a normal image that a step holds at once: image and pseudo-anomaly, their two light views and attacked selves, and all views in one tensor.</summary>
    private const int CopiesOfEachImage = 14;

    /// <summary>.NET, libtorch, and a ResNet-18 with its gradients and the optimiser's state.</summary>
    private const long Program = 512L << 20;

    /// <summary>Rows of one forward and backward pass within a limit; at least two, which batch normalisation needs.</summary>
    /// <param name="bytes">The limit of the whole process.</param>
    /// <param name="encoder">The network whose maps fill the memory.</param>
    /// <param name="images">The training images, held as bytes.</param>
    /// <param name="batchSize">Normal images of a step.</param>
    public static int RowsWithin(long bytes, ResNet encoder, ImageSet images, int batchSize)
    {
        long image = 3L * images.Height * images.Width;
        long maps = bytes - Program - image * images.Count - CopiesOfEachImage * sizeof(float) * image * batchSize;
        return (int)Math.Clamp(maps / (CopiesOfEachMap * sizeof(float) * encoder.MapValues(images.Height, images.Width)), 2, int.MaxValue);
    }
}
