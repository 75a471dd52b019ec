using TorchSharp;

namespace CobraAD.Cli.Tests.Commands;

public sealed class GpuCheckTests
{
    [SkippableFact]
    public async Task Without_a_GPU_the_check_says_what_to_install()
    {
        Skip.If(torch.cuda.is_available(), "there is a GPU");

        (int exitCode, string output, string error) = await CommandLine.Run("info", "--gpu-check");

        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.Empty(output);
        Assert.Contains("nvidia-smi", error, StringComparison.Ordinal);
        Assert.Contains("COBRA_LIBTORCH", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_is_not_what_is_checked()
    {
        (int exitCode, _, string error) = await CommandLine.Run("info", "model.cobra", "--gpu-check");

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("it takes no MODEL", error, StringComparison.Ordinal);
    }
}
