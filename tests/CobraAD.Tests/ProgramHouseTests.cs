using System.Text.RegularExpressions;

namespace CobraAD.Tests;

/// <summary>The programs beside the library keep a simpler order than its rooms: no folder is too large, and no two of their folders need each other.</summary>
public sealed partial class ProgramHouseTests
{
    private const int LargestFolder = 20;

    public static TheoryData<string> Programs => ["CobraAD.Cli", "CobraAD.Onnx", "CobraAD.Runtime", "CobraAD.Server"];

    [Theory]
    [MemberData(nameof(Programs))]
    public void No_folder_holds_more_files_than_one_sees_at_once(string program) =>
        Assert.DoesNotContain(Files(program).CountBy(path => Path.GetDirectoryName(path)!), folder => folder.Value > LargestFolder);

    [Theory]
    [MemberData(nameof(Programs))]
    public void Folders_do_not_use_each_other_in_a_circle(string program)
    {
        Dictionary<string, HashSet<string>> uses = [];
        foreach (string path in Files(program).Where(path => path.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)))
        {
            string folder = First(path);
            if (!uses.TryGetValue(folder, out HashSet<string>? used)) uses[folder] = used = [];
            string text = File.ReadAllText(Path.Combine(Root(program), path));
            used.UnionWith(Uses().Matches(text).Where(use => use.Groups["program"].Value == program).Select(use => use.Groups["folder"].Value).Where(other => other != folder));
        }

        // What uses nothing that is left can go. A circle stays.
        while (uses.Keys.Where(folder => !uses[folder].Any(uses.ContainsKey)).ToArray() is { Length: > 0 } free)
        {
            foreach (string folder in free) uses.Remove(folder);
        }

        Assert.Empty(uses.Select(folder => $"{folder.Key} uses {string.Join(", ", folder.Value.Where(uses.ContainsKey).Order())}"));
    }

    private static string Root(string program) => Path.Combine(Repository.Root, "src", program);

    /// <summary>The program's own files, relative to its folder.</summary>
    private static string[] Files(string program) =>
        [.. Directory.EnumerateFiles(Root(program), "*.cs", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Root(program), path)).Where(path => First(path) is not ("bin" or "obj"))];

    private static string First(string path) => path.Split(Path.DirectorySeparatorChar)[0];

    [GeneratedRegex(@"^using (static |\w+ = )?(?<program>CobraAD\.\w+)\.(?<folder>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Uses();
}
