using System.Runtime.InteropServices;
using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Attacks.Records;
using CobraAD.Networks;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace CobraAD.Tests.Attacks;

public sealed class StepCostTests(ITestOutputHelper output)
{
    private const int Steps = 10;

    [Theory]
    [InlineData(Norm.Linf, 1.0)]
    [InlineData(Norm.L2, 0.25)]
    [Trait("Category", "Slow")]
    public void A_pgd_step_costs_little_more_than_one_forward_and_one_backward_pass(Norm norm, double width)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator rng = new(1, CPU);
        using CobraNetwork trained = new(new() { Encoder = new() { WidthFactor = width } }, rng);
        using CobraNetwork network = trained.Fold();
        Tensor bank = nn.functional.normalize(randn([100, 128], generator: rng));
        using AnalyticDetector detector = new(x => -nn.functional.linear(nn.functional.normalize(network.Embed(x)), bank).amax([1L]));
        Tensor images = AttackTrial.Images(16, side: 32, type: ScalarType.Float32);
        using Ledger ledger = Ledger.Open(detector, images, new bool[16], new(norm, 4 / 255.0));
        Pgd attack = new() { Steps = Steps, IncludeFgsm = false };
        List<double> ratios = [];

        // In turns, so that a busy machine slows both.
        for (int round = 0; round < 5; round++)
        {
            double passes = Seconds(() => Passes(detector, images));
            double steps = Seconds(() => attack.Run(new AttackContext(detector, ledger, new CobraAD.Torch.RandomStreams(0))));
            ratios.Add(steps / passes);
        }

        double median = ratios.Order().ElementAt(2);
        output.WriteLine($"{norm}, width {width}: PGD-{Steps} took {median:F3} times its bare passes ({string.Join(", ", ratios.Select(ratio => $"{ratio:F3}"))}).");
        Assert.InRange(median, 0.8, 1.1);
    }

    /// <summary>What a PGD run cannot do without: a gradient for each step and a last look.</summary>
    private static void Passes(AnalyticDetector detector, Tensor images)
    {
        for (int step = 0; step < Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor leaf = images.clone().requires_grad_();
            autograd.backward([detector.Score(leaf).sum()], inputs: [leaf]);
        }

        using IDisposable noGradient = no_grad();
        using Tensor last = detector.Score(images);
    }

    /// <summary>Processor time of this thread, on which a pass with one torch thread runs: other work on the machine does not count.</summary>
    private static double Seconds(Action action)
    {
        double start = ThreadSeconds();
        action();
        return ThreadSeconds() - start;
    }

    private static double ThreadSeconds()
    {
        const int threadProcessorTime = 3;
        Assert.Equal(0, ReadClock(threadProcessorTime, out TimeSpec time));
        return time.Seconds + time.Nanoseconds * 1e-9;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int ReadClock(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
