using CobraAD.Evaluation.Devices;
using CobraAD.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Evaluation.Devices;

/// <summary>The CPU compared with itself; a GPU too, where there is one.</summary>
public sealed class DeviceCheckTests
{
    [Fact]
    public void The_CPU_computes_what_the_CPU_computes()
    {
        List<DeviceFinding> told = [];

        IReadOnlyList<DeviceFinding> findings = new DeviceCheck(CPU, CPU).Run(told.Add);

        Assert.Equal(10, findings.Count);
        Assert.Equal(findings, told);
        // bfloat16 is refused on processors that are slower in it.
        Assert.All(findings, finding => Assert.True(finding.Outcome == DeviceOutcome.Pass || (finding.Outcome == DeviceOutcome.Skipped && finding.Check.Contains("bfloat16", StringComparison.Ordinal)), $"{finding}"));
    }

    [Fact]
    public void A_device_that_computes_with_other_weights_is_found_out_by_every_check_of_a_network()
    {
        DeviceCheck check = new(CPU, CPU)
        {
            OnDevice = network =>
            {
                using IDisposable frozen = no_grad();
                foreach (Tensor weight in network.parameters()) weight.mul_(1.3).add_(0.01);
            },
        };

        IReadOnlyList<DeviceFinding> findings = check.Run();

        string[] failed = [.. findings.Where(finding => finding.Outcome == DeviceOutcome.Fail).Select(finding => finding.Check)];
        Assert.Equal(["embeddings, 32 px", "embeddings, 64 px", "gradients of the images, 32 px", "gradients of the images, 64 px", "gain of the training attack"], failed.Take(5));
        Assert.All(findings, finding => Assert.NotEmpty(finding.Remedy));
    }

    [Theory]
    [InlineData(0.5, DeviceOutcome.Pass)]
    [InlineData(2, DeviceOutcome.Fail)]
    [InlineData(double.NaN, DeviceOutcome.Fail)]
    public void A_distance_passes_within_what_is_allowed(double apart, DeviceOutcome outcome) =>
        Assert.Equal(outcome, new DeviceComparison("numbers", 1, "none").Run(onDevice => onDevice ? apart : 0, (expected, found) => Math.Abs(expected - found)).Outcome);

    [Fact]
    public void What_a_device_throws_is_a_finding_and_what_it_refuses_is_skipped()
    {
        DeviceComparison comparison = new("numbers", 1, "none");

        DeviceFinding thrown = comparison.Run<double>(onDevice => onDevice ? throw new InvalidOperationException("no kernel image\nstack") : 0, (_, _) => 0);
        DeviceFinding refused = comparison.Run<double>(_ => throw new NotSupportedException("slower"), (_, _) => 0);

        Assert.Equal((DeviceOutcome.Fail, "no kernel image"), (thrown.Outcome, thrown.Measured));
        Assert.Equal((DeviceOutcome.Skipped, "slower"), (refused.Outcome, refused.Measured));
    }

    [SkippableFact]
    public void A_GPU_computes_what_the_CPU_computes()
    {
        Skip.IfNot(cuda.is_available(), $"Needs a CUDA device, and {TorchRuntime.LibTorchVariable} to name the lib folder of a libtorch built for it.");

        Assert.DoesNotContain(new DeviceCheck(device(DeviceType.CUDA, 0), CPU).Run(), finding => finding.Outcome == DeviceOutcome.Fail);
    }
}
