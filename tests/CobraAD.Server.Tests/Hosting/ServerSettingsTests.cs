using CobraAD.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace CobraAD.Server.Tests.Hosting;

public sealed class ServerSettingsTests
{
    [Theory]
    [InlineData("ApiKye", "ApiKey")]
    [InlineData("Watch:Foldr", "Watch:Folder")]
    [InlineData("Products:3:Modle", "Did you mean Products:3:Model")]
    [InlineData("Bogus", "docs/guide/deploy.md")]
    [InlineData("Model:Name", "docs/guide/deploy.md")]
    public void An_option_that_does_not_exist_is_named(string option, string hint)
    {
        using TemporaryFolder folder = new();

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => ServerSettings.Read(new Dictionary<string, string?> { [option] = "x" }, folder.Path));

        Assert.Contains(option, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(hint, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Products_are_read_by_their_numbers()
    {
        using TemporaryFolder folder = new();
        Dictionary<string, string?> settings = new()
        {
            ["Products:0:Name"] = "bottle",
            ["Products:0:Model"] = "b.onnx",
            ["Products:1:Name"] = "screw",
            ["Products:1:Model"] = "s.onnx",
            ["Products:1:Threshold"] = "0.25",
            ["Products:1:Watch:Folder"] = folder.Path,
        };

        ServerOptions options = ServerSettings.Options(ServerSettings.Read(settings, folder.Path));

        Assert.Equal([("bottle", "b.onnx", null), ("screw", "s.onnx", 0.25)], options.Products.Select(product => (product.Name, product.Model, product.Threshold)));
        Assert.Equal(folder.Path, options.Products[1].Watch?.Folder);
    }

    [Theory]
    [InlineData("""{ "Cobra": { "ApiKye": "0123456789abcdef" } }""", "ApiKey")]
    [InlineData("""{ "Cobra": { "Model": """, "appsettings.json")]
    public void A_file_of_settings_that_cannot_be_read_is_named(string content, string named)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("appsettings.json"), content);

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => ServerSettings.Read(new Dictionary<string, string?>(), folder.Path));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://*:8080", null, 1)]
    [InlineData("http://0.0.0.0:8080;http://localhost:1", null, 1)]
    [InlineData("http://127.0.0.1:8080;http://[::1]:8080", null, 0)]
    [InlineData("http://*:8080", "0123456789abcdef", 0)]
    public void A_service_that_is_open_to_everybody_says_so(string urls, string? key, int warnings)
    {
        CountingLogger logger = new();

        logger.WarnOfOpenDoor(new ServerOptions { Urls = urls, ApiKey = key });

        Assert.Equal(warnings, logger.Warnings);
    }

    private sealed class CountingLogger : ILogger
    {
        public int Warnings { get; private set; }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel is LogLevel.Warning) Warnings++;
        }
    }
}
