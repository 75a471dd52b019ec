using System.Text.RegularExpressions;

namespace CobraAD.Cli.Tests.Documentation;

/// <summary>Every document can be followed: its links lead somewhere, and nothing refers to what a stranger cannot read.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] Described = ["benchmarks", "docs", "samples", "src", "tests"];

    private static readonly string[] Texts = [".cs", ".csproj", ".html", ".js", ".json", ".md", ".props", ".sh", ".targets"];

    private static string Root => Repository.Root;

    public static TheoryData<string> Documents =>
    [
        "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
        .. Files("docs", [".md"]), .. Files("src", [".md"]),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_to_a_file_and_to_an_anchor_in_it(string document)
    {
        string text = WithoutCode(File.ReadAllText(Path.Combine(Root, document)));

        IEnumerable<string> broken = Links().Matches(text).Select(link => link.Groups["target"].Value)
            .Where(target => !Scheme().IsMatch(target) && Fault(document, target) is not null)
            .Select(target => $"{target}: {Fault(document, target)}");

        Assert.Equal("", string.Join("\n", broken));
    }

    /// <summary>What a page tells the reader to write is called My….</summary>
    [Fact]
    public void Every_source_file_that_a_page_for_contributors_names_exists()
    {
        string[] sources = [.. Described.SelectMany(folder => Files(folder, [".cs"])).Select(file => "/" + file.Replace('\\', '/'))];

        IEnumerable<string> missing =
            from page in Files("docs/contributing", [".md"]).Append("CONTRIBUTING.md")
            from Match named in SourceFiles().Matches(File.ReadAllText(Path.Combine(Root, page)))
            let file = named.Groups["file"].Value
            where !Path.GetFileName(file).StartsWith("My", StringComparison.Ordinal) && !sources.Any(source => source.EndsWith("/" + file, StringComparison.Ordinal))
            select $"{page}: {file}";

        Assert.Equal("", string.Join("\n", missing));
    }

    [Fact]
    public void Nothing_cites_a_specification_or_a_folder_that_the_repository_does_not_have()
    {
        IEnumerable<string> found =
            from file in Described.SelectMany(folder => Files(folder, Texts))
            from line in File.ReadLines(Path.Combine(Root, file)).Index()
            where Outside().IsMatch(line.Item)
            select $"{file}:{line.Index + 1}: {line.Item.Trim()}";

        Assert.Equal("", string.Join("\n", found));
    }

    [Theory]
    [InlineData("## `--tf32`: where it holds", "--tf32-where-it-holds")]
    [InlineData("### D1: Which contrastive loss", "d1-which-contrastive-loss")]
    [InlineData("# A, [B](c.md) & C_d", "a-b--c_d")]
    public void A_heading_has_the_anchor_that_GitHub_gives_it(string heading, string anchor) => Assert.Equal([anchor], Anchors(heading));

    private static string? Fault(string document, string target)
    {
        string[] parts = target.Split('#', 2);
        string path = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document) ?? "", parts[0]);
        string full = Path.GetFullPath(Path.Combine(Root, path));
        if (!full.StartsWith(Root + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return "outside the repository";
        if (!File.Exists(full)) return parts.Length == 1 && Directory.Exists(full) ? null : "no such file";
        return parts.Length == 1 || Anchors(WithoutCode(File.ReadAllText(full))).Contains(parts[1]) ? null : "no such heading";
    }

    /// <summary>The anchors of a document's headings: lower case, without punctuation, hyphens for spaces, a number where one comes again.</summary>
    private static IEnumerable<string> Anchors(string text)
    {
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        foreach (Match heading in Headings().Matches(text))
        {
            string words = Links().Replace(heading.Groups["words"].Value, "]");
            string anchor = NotInAnchors().Replace(words.Trim().ToLowerInvariant(), "").Replace(' ', '-');
            int before = seen.GetValueOrDefault(anchor);
            seen[anchor] = before + 1;
            yield return before == 0 ? anchor : $"{anchor}-{before}";
        }
    }

    private static string WithoutCode(string text) => Fences().Replace(text, "");

    private static IEnumerable<string> Files(string folder, string[] extensions) =>
        from path in Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
        let file = Path.GetRelativePath(Root, path)
        where extensions.Contains(Path.GetExtension(file)) && !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "artifacts")
        orderby file
        select file;

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"`(?<file>[\w/.]+\.cs)`")]
    private static partial Regex SourceFiles();

    [GeneratedRegex("^[a-z][a-z+.-]*:", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex("^#{1,6} (?<words>.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"[^\p{L}\p{N}\p{M} _-]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex(@"\bspec(ification)?,? +(sections? +)?\d|(?-i:\.\./shared)\b|\b(cobra|attacks-and-baselines|torchsharp|redesign)\.md\b", RegexOptions.IgnoreCase)]
    private static partial Regex Outside();
}
