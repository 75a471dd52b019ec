using CobraAD.Tests.Compatibility;

namespace CobraAD.Cli.Tests.Commands;

public sealed class ServiceCommandsTests
{
    [Theory]
    [InlineData("Model is missing", "serve")]
    [InlineData("--parallelism must be in [1, 1024]", "serve", "model.onnx", "--parallelism", "0")]
    [InlineData("--parallelism must be a whole number, 2147483647 at most, found '9999999999'.", "serve", "model.onnx", "--parallelism", "9999999999")]
    [InlineData("--keep-images must be one of none, thumbnails, originals, found 'some'.", "serve", "model.onnx", "--keep-images", "some")]
    [InlineData("--keep-images needs --database", "watch", ".", "--model", "model.onnx", "--keep-images", "none")]
    [InlineData("--threshold must be a number, found 'inf'.", "watch", ".", "--model", "model.onnx", "--threshold", "inf")]
    [InlineData("--threshold must be a finite number.", "watch", ".", "--model", "model.onnx", "--threshold", "Infinity")]
    [InlineData("--then must be one of move, tag, leave, found 'burn'.", "watch", ".", "--model", "model.onnx", "--then", "burn")]
    [InlineData("--into is where files are moved to, and --then is tag", "watch", ".", "--model", "model.onnx", "--then", "tag", "--into", "done")]
    [InlineData("--into is 'model.onnx', which is a file", "watch", ".", "--model", "model.onnx", "--into", "model.onnx")]
    [InlineData("--csv is '.', which is a folder; name a file.", "watch", ".", "--model", "model.onnx", "--csv", ".")]
    [InlineData("--json-lines is '.', which is a folder; name a file.", "watch", ".", "--model", "model.onnx", "--json-lines", ".")]
    [InlineData("which is a folder; name a file.", "watch", ".", "--model", "model.onnx", "--database", ".")]
    [InlineData("which is not an SQLite database. Name another file; this one was left as it is.", "watch", ".", "--model", "model.onnx", "--database", "model.onnx")]
    [InlineData("--database is no connection to PostgreSQL", "watch", ".", "--model", "model.onnx", "--database", "postgres://")]
    [InlineData("--database is no connection to PostgreSQL", "watch", ".", "--model", "model.onnx", "--database", "Host=here;Colour=red")]
    [InlineData("--data is 'model.onnx', which is a file; name a folder.", "serve", "model.onnx", "--data", "model.onnx")]
    [InlineData("--otlp must be an address such as http://collector:4317, found 'http://'.", "serve", "model.onnx", "--otlp", "http://")]
    [InlineData("MaxPixels must be a whole number, 9223372036854775807 at most, found 'many'.", "serve", "model.onnx", "--set", "MaxPixels=many")]
    [InlineData("--set: 'MaxPixels' is not NAME=VALUE.", "serve", "model.onnx", "--set", "MaxPixels")]
    [InlineData("MaxPixels must be in [1024, 1000000000]", "serve", "model.onnx", "--set", "MaxPixels=7")]
    [InlineData("The folder to watch 'nowhere' does not exist", "watch", "nowhere", "--model", "model.onnx")]
    [InlineData("'broker' is not an MQTT address", "watch", ".", "--model", "model.onnx", "--mqtt", "broker")]
    public async Task An_option_that_the_service_cannot_use_is_wrong_usage(string message, params string[] arguments)
    {
        // A model that is there, so that it is not what is complained about.
        (int exitCode, _, string error) = await CommandLine.Run([.. arguments.Select(argument => argument == "model.onnx" ? OldFiles.Path("cobra-paper.onnx") : argument)]);

        Assert.Equal(2, exitCode);
        Assert.Contains(message.Replace("model.onnx", OldFiles.Path("cobra-paper.onnx"), StringComparison.Ordinal), error, StringComparison.Ordinal);
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
