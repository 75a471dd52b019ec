using System.Text.RegularExpressions;

namespace CobraAD.Cli.Tests.Documentation;

public sealed partial class ReadmeTests
{
    [Theory]
    [InlineData("README.md", 9)]
    [InlineData("src/CobraAD/README.md", 9)]
    [InlineData("src/CobraAD.Onnx/README.md", 5)]
    public void Every_csharp_line_of_a_page_is_compiled(string page, int lines)
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Pages", page));
        HashSet<string> compiled = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "FrontDoor.cs")).Select(line => line.Trim())];

        string[] shown = [.. Examples().Matches(text).SelectMany(example => example.Groups["code"].Value.Split('\n')).Select(line => line.Trim()).Where(line => line.Length > 0)];

        Assert.Equal(lines, shown.Length);
        Assert.All(shown, line => Assert.Contains(line, compiled));
    }

    [Fact]
    public void One_using_is_enough_for_the_README()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Pages", "README.md"));

        Assert.Equal(["using CobraAD;"], readme.Split('\n').Where(line => line.StartsWith("using CobraAD", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_command_has_a_row_in_the_README_and_a_help_text()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Pages", "README.md"));

        foreach (string command in new CobraApplication(TextWriter.Null, TextWriter.Null, isTerminal: false).CommandNames)
        {
            (int exitCode, string help, _) = await CommandLine.Run(command, "--help");

            Assert.Contains($"| `cobra {command}", readme, StringComparison.Ordinal);
            Assert.Equal(0, exitCode);
            Assert.Contains($"cobra {command}", help.Replace("testhost", "cobra", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Examples();
}
