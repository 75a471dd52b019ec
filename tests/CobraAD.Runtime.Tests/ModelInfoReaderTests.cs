namespace CobraAD.Runtime.Tests;

public sealed class ModelInfoReaderTests
{
    [Theory]
    [InlineData("cobra.format", null, "not exported by CobraAD")]
    [InlineData("cobra.format", "99", "Update CobraAD.Runtime")]
    [InlineData("cobra.calibration", "{", "cannot be read")]
    [InlineData("cobra.calibration", "{}", "cannot be read")]
    [InlineData("cobra.name", null, "cobra.name")]
    [InlineData("cobra.bank_size", "many", "cannot be read")]
    [InlineData("cobra.input", """{"form":"floats","height":16,"width":16}""", "Export it again")]
    public void A_model_that_describes_itself_badly_is_refused(string key, string? value, string message)
    {
        using TestModel bad = new(metadata: new Dictionary<string, string?> { [key] = value });

        Assert.Contains(message, Assert.Throws<ModelRejectedException>(() => RobustDetector.Load(bad.Path)).Message, StringComparison.Ordinal);
    }
}
