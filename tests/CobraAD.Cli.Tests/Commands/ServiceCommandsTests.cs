using CobraAD.Tests.Compatibility;

namespace CobraAD.Cli.Tests.Commands;

public sealed class ServiceCommandsTests
{
    [Theory]
    [InlineData("Model is missing", "serve")]
    [InlineData("Parallelism must be in [1, 1024]", "serve", "model.onnx", "--parallelism", "0")]
    [InlineData("KeepImages", "serve", "model.onnx", "--keep-images", "some")]
    [InlineData("--set: 'MaxPixels' is not NAME=VALUE.", "serve", "model.onnx", "--set", "MaxPixels")]
    [InlineData("MaxPixels must be in [1024, 1000000000]", "serve", "model.onnx", "--set", "MaxPixels=7")]
    [InlineData("The folder to watch 'nowhere' does not exist", "watch", "nowhere", "--model", "model.onnx")]
    [InlineData("'broker' is not an MQTT address", "watch", ".", "--model", "model.onnx", "--mqtt", "broker")]
    public async Task An_option_that_the_service_cannot_use_is_wrong_usage(string message, params string[] arguments)
    {
        // A model that is there, so that it is not what is complained about.
        (int exitCode, _, string error) = await CommandLine.Run([.. arguments.Select(argument => argument == "model.onnx" ? OldFiles.Path("cobra-paper.onnx") : argument)]);

        Assert.Equal(2, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_is_missing_is_named()
    {
        using TemporaryFolder folder = new();

        (int exitCode, _, string error) = await CommandLine.Run("serve", Path.Combine(folder.Path, "missing.onnx"), "--data", folder.Path, "--urls", "http://127.0.0.1:0");

        Assert.Equal(2, exitCode);
        Assert.Contains("missing.onnx", error, StringComparison.Ordinal);
    }
}
