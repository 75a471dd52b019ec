using System.Text.RegularExpressions;

namespace CobraAD.Cli.Tests.Documentation;

/// <summary>Whatever a page tells its reader to write after <c>cobra</c> exists.</summary>
public sealed partial class OptionTests
{
    public static TheoryData<string> Pages =>
    [
        "README.md", "CONTRIBUTING.md",
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Select(page => Path.GetRelativePath(Repository.Root, page)).Order(StringComparer.Ordinal),
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "README.md", SearchOption.AllDirectories).Select(page => Path.GetRelativePath(Repository.Root, page)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_documented_option_is_one_of_its_command(string page)
    {
        string[] commands = [.. new CobraApplication(TextWriter.Null, TextWriter.Null, isTerminal: false).CommandNames];
        List<string> unknown = [];
        foreach ((string command, string option) in Documented(File.ReadAllText(Path.Combine(Repository.Root, page)), commands).Distinct())
        {
            (_, string help, _) = await CommandLine.Run(command, "--help");
            if (!Regex.IsMatch(help, $"{Regex.Escape(option)}(?![a-z0-9-])")) unknown.Add($"cobra {command} {option}");
        }

        Assert.Equal("", string.Join("\n", unknown));
    }

    [Fact]
    public void An_option_that_does_not_exist_would_be_found()
    {
        (string, string)[] found = [.. Documented("as in `cobra evaluate m.cobra --attacks x`, or\n```\ncobra train parts \\\n    --presets tiny | grep --color\n```", ["evaluate", "train"])];

        Assert.Equal([("train", "--presets"), ("evaluate", "--attacks")], found);
    }

    /// <summary>The options of command lines in blocks and in the text, up to where another program follows.</summary>
    private static IEnumerable<(string Command, string Option)> Documented(string text, string[] commands)
    {
        string joined = Continued().Replace(text, " ");
        string[] blocks = [.. Blocks().Matches(joined).SelectMany(block => block.Groups["code"].Value.Split('\n'))];
        IEnumerable<string> spans = Spans().Matches(Blocks().Replace(joined, "")).Select(span => span.Groups["code"].Value);
        return
            from line in blocks.Concat(spans)
            from Match called in Calls().Matches(line)
            where commands.Contains(called.Groups["command"].Value)
            from Match option in Options().Matches(called.Groups["rest"].Value)
            select (called.Groups["command"].Value, option.Groups["name"].Value);
    }

    [GeneratedRegex(@"\\\r?\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"^```[^\n]*\n(?<code>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Blocks();

    [GeneratedRegex("`(?<code>[^`\n]+)`")]
    private static partial Regex Spans();

    [GeneratedRegex(@"(?<![\w./-])cobra (?<command>[a-z]+)(?<rest>[^|;&#]*)")]
    private static partial Regex Calls();

    [GeneratedRegex("(?<=\\s)(?<name>--[a-z][a-z0-9-]*)")]
    private static partial Regex Options();
}
