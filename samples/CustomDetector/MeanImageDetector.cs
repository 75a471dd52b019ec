using CobraAD.Datasets;
using CobraAD.Detection;
using static TorchSharp.torch;

namespace CustomDetector;

/// <summary>The anomaly score is the mean squared difference to the mean of the good images.</summary>
internal sealed class MeanImageDetector : IAnomalyDetector
{
    private readonly Tensor mean;

    public MeanImageDetector(ImageSet goodImages)
    {
        using Tensor images = goodImages.Batch(0, goodImages.Count);
        mean = images.mean([0], keepdim: true);
    }

    public string Name => "mean image";

    public Device Device => CPU;

    // Differentiable from the pixels to the number, with nothing detached: the attacks use these gradients.
    public Tensor Score(Tensor images)
    {
        using Tensor difference = images - mean;
        using Tensor squared = difference.square();
        return squared.mean([1, 2, 3]);
    }

    public void Dispose() => mean.Dispose();
}
