using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Torch;

/// <summary>
/// How long this processor takes in bfloat16 beside float32. Processors differ by a factor of three: some compute in bfloat16 twice as
/// fast as in float32, others, with the same instructions by name, more slowly; so it is timed instead of looked up.
/// </summary>
/// <param name="Float32">Seconds of a convolution's forward and backward pass.</param>
/// <param name="BFloat16">Seconds of the same, with the conversions.</param>
internal readonly record struct BFloat16Trial(double Float32, double BFloat16)
{
    private const int Rounds = 5;

    private static readonly Lazy<BFloat16Trial> Trial = new(Measure);

    /// <summary>This processor's, timed once: some hundredths of a second.</summary>
    public static BFloat16Trial OfThisProcessor => Trial.Value;

    /// <summary>BFloat16's time as a share of float32's.</summary>
    public double Ratio => BFloat16 / Float32;

    /// <summary>The least of some rounds in turns, so that other work on the machine hits both alike or neither.</summary>
    private static BFloat16Trial Measure()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable recording = enable_grad();
        Tensor images = ones(16, 64, 32, 32).requires_grad_(), weight = ones(64, 64, 3, 3).requires_grad_();
        // The first round of each also chooses and compiles the kernels.
        double exact = double.PositiveInfinity, rounded = double.PositiveInfinity;
        for (int round = 0; round <= Rounds; round++)
        {
            (double inFloat32, double inBFloat16) = (Seconds(cast: false), Seconds(cast: true));
            if (round > 0) (exact, rounded) = (Math.Min(exact, inFloat32), Math.Min(rounded, inBFloat16));
        }

        return new BFloat16Trial(exact, rounded);

        double Seconds(bool cast)
        {
            using DisposeScope roundScope = NewDisposeScope();
            long started = Stopwatch.GetTimestamp();
            Tensor map;
            using (cast ? new AutocastScope(DeviceType.CPU) : null) map = nn.functional.conv2d(images, weight, padding: [1, 1]);
            autograd.backward([map.sum()], inputs: [images, weight]);
            return Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }
}
