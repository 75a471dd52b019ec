using System.Text;
using CobraAD.Cli.Configuration;

namespace CobraAD.Cli.Tests.Configuration;

public sealed class ConfigurationFileTests
{
    private static readonly Recipe Defaults = new(10, new Oven(180, "top", Rack.Low), null);

    [Fact]
    public void A_file_changes_what_it_names_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("c.json", """{ "oven": { "degrees": 200 }, /* people comment */ "note": "crisp", }""");

        Recipe changed = ConfigurationFile.Apply(Defaults, path);

        Assert.Equal(new Recipe(10, new Oven(200, "top", Rack.Low), "crisp"), changed);
    }

    [Theory]
    [InlineData("""{ "minuts": 5 }""", "no option \"minuts\"; the nearest is \"minutes\"")]
    [InlineData("""{ "oven": { "degree": 5 } }""", "no option \"oven.degree\"; the nearest is \"oven.degrees\"")]
    [InlineData("""{ "minutes": "five" }""", ": minutes must be a whole number, found \"five\".")]
    [InlineData("""{ "oven": 5 }""", ": oven must be an object in { } as --print-config shows it, found 5.")]
    [InlineData("""{ "oven": { "heat": 5 } }""", ": oven.heat must be a text in quotes, found 5.")]
    [InlineData("""{ "oven": { "rack": "cellar" } }""", ": oven.rack must be one of \"low\", \"middle\", found \"cellar\".")]
    [InlineData("""[1]""", "must hold a JSON object")]
    [InlineData("", "is empty; it must hold a JSON object")]
    [InlineData(" \n", "is empty; it must hold a JSON object")]
    [InlineData("{\0 \"minutes\": 5 }", "is not text in UTF-8: it has zero bytes")]
    [InlineData("""{ "minutes": """, "is not valid JSON")]
    [InlineData("{\n  \"minutes\": 5,, }", ", line 2, character 16 is not valid JSON")]
    [InlineData("""{ "minutes": 1, "minutes": 2 }""", "is not valid JSON")]
    public void What_does_not_fit_is_named(string content, string message)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("c.json", content);

        UsageException error = Assert.Throws<UsageException>(() => ConfigurationFile.Apply(Defaults, path));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("utf-32BE")]
    public void A_file_that_says_how_it_is_written_is_read(string encoding)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("c.json");
        File.WriteAllText(path, """{ "minutes": 5, "note": "mürb" }""", Encoding.GetEncoding(encoding));

        Assert.Equal(Defaults with { Minutes = 5, Note = "mürb" }, ConfigurationFile.Apply(Defaults, path));
    }

    [Theory]
    [InlineData("""{ "oven": { "degrees": 500 } }""", ": oven.degrees must be at most 300.")]
    [InlineData("""{ "oven": { "heat": "top" } }""", null)]
    public void A_value_that_the_library_refuses_is_called_as_the_file_calls_it(string content, string? message)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("c.json", content);

        Assert.Equal(message is null ? "Degrees must be at most 300." : path + message, ConfigurationFile.Blame(path, "Degrees must be at most 300."));
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("nowhere.json", Assert.Throws<UsageException>(() => ConfigurationFile.Apply(Defaults, "nowhere.json")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("epohcs", "epochs", 2)]
    [InlineData("EPOCHS", "epochs", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance_counts_edits(string one, string other, int expected) => Assert.Equal(expected, Spelling.Distance(one, other));

    private sealed record Recipe(int Minutes, Oven Oven, string? Note);

    private sealed record Oven(int Degrees, string Heat, Rack Rack);

    private enum Rack
    {
        Low,
        Middle,
    }
}
