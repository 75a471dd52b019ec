namespace CobraAD.Tests;

/// <summary>A house with an order: every room of src/CobraAD uses only rooms above it, and no folder grows too large to be seen at once.</summary>
public sealed class HouseTests
{
    private const int LargestFolder = 20;

    /// <summary>
    /// The one order that the rooms stand in: a room may use the rooms of all layers above its own. Rooms of one layer do not see each other.
    /// A new room gets its place here.
    /// </summary>
    private static readonly string[][] Layers =
    [
        ["Validation", "Numerics", "Memory", "Mpi"],
        ["Torch", "Imaging"],
        ["Serialization"],
        ["Datasets"],
        ["Transforms"],
        ["Networks"],
        ["Losses", "Optimization"],
        ["PseudoAnomalies"],
        ["Training"],
        ["Detection"],
        ["Methods", "Attacks"],
        ["Evaluation"],
        ["Reporting", "Export"],
        ["Experiments"],
        [House.Door],
    ];

    private static readonly Lazy<House> Today = new(() => new House(Files.Select(path => (path, File.ReadAllText(Path.Combine(Source, path))))));

    private static string Source => Path.Combine(Repository.Root, "src");

    /// <summary>The library's own files, and the shared ones that it compiles too.</summary>
    private static IEnumerable<string> Files => new[] { "CobraAD", "Shared" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories))
        .Select(path => Path.GetRelativePath(Source, path).Replace('\\', '/'))
        .Where(path => !path.StartsWith("CobraAD/obj/", StringComparison.Ordinal) && !path.StartsWith("CobraAD/bin/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    [Fact]
    public void A_room_uses_only_rooms_above_it() => Nothing(Broken(Today.Value).Select(arrow => arrow.ToString()));

    [Fact]
    public void The_order_has_no_cycle_and_a_place_for_every_room()
    {
        string[] rooms = [.. Layers.SelectMany(layer => layer)];
        Dictionary<string, string[]> uses = rooms.ToDictionary(room => room, room => rooms.Where(other => MayUse(room, other)).ToArray());

        // What uses nothing that is left can go. A cycle would stay.
        while (uses.Keys.Where(room => !uses[room].Any(uses.ContainsKey)).ToArray() is { Length: > 0 } free)
        {
            foreach (string room in free) uses.Remove(room);
        }

        Assert.Empty(uses);
        Assert.Equal(rooms.Order(), Today.Value.Rooms.Order());
        Assert.Empty(Today.Value.Unread);
        Assert.NotEmpty(Files);
    }

    [Theory]
    [InlineData("namespace CobraAD.Losses;\n/// <see cref=\"Attacks.Pgd\"/>\nusing CobraAD.Attacks;", "Losses.cs:3: Losses may not use Attacks")]
    [InlineData("using static CobraAD.Attacks.Pgd;\nnamespace CobraAD.Losses;", "Losses.cs:1: Losses may not use Attacks")]
    [InlineData("using Attack = global::CobraAD.Attacks.Pgd;\nnamespace CobraAD.Losses;", "Losses.cs:1: Losses may not use Attacks")]
    [InlineData("global using CobraAD.Torch;\nnamespace CobraAD.Losses;", "Losses.cs:1: every room may not use Torch")]
    [InlineData("namespace CobraAD.Losses;\nclass A\n{\n    object b = new CobraAD.Attacks.Pgd();\n}", "Losses.cs:4: Losses may not use Attacks")]
    [InlineData("namespace CobraAD.Losses;\nclass A : Attacks.Pgd;", "Losses.cs:2: Losses may not use Attacks")]
    [InlineData("namespace CobraAD.Losses;\nclass A { int b = Attacks.Pgd.Steps; }", "Losses.cs:2: Losses may not use Attacks")]
    [InlineData("namespace CobraAD.Losses;\nclass A { string b = $\"{nameof(Attacks.Gradient)}\"; }", "Losses.cs:2: Losses may not use Attacks")]
    [InlineData("namespace CobraAD.Losses;\nclass A\n{\n    object b = Detector.Open(\"parts\");\n}", "Losses.cs:4: Losses may not use the door")]
    [InlineData("using CobraAD;\nnamespace CobraAD.Losses;", "Losses.cs:1: Losses may not use the door")]
    [InlineData("using CobraAD.Attic;\nnamespace CobraAD.Losses;", "Losses.cs:1: Losses may not use Attic")]
    public void A_use_against_the_order_is_found_with_its_line(string text, string finding)
    {
        House house = new([("Losses.cs", text), .. Neighbours]);

        Assert.Equal([finding], Broken(house).Select(arrow => arrow.ToString()));
    }

    [Theory]
    [InlineData("using CobraAD.Torch;\nusing CobraAD.Networks;\nnamespace CobraAD.Losses;")]
    [InlineData("namespace CobraAD.Losses;\n// CobraAD.Attacks.Pgd\n/// <see cref=\"Attacks.Pgd\"/>\nclass A { string b = \"Attacks.Pgd\"; }")]
    [InlineData("namespace CobraAD.Losses;\nrecord A(int[] Attacks) { int B => Attacks.Length; }")]
    [InlineData("namespace CobraAD.Losses;\nrecord A(string Detector) { int B => Detector.Length; A C => this with { Detector = \"\" }; }")]
    public void A_use_within_the_order_passes(string text)
    {
        House house = new([("Losses.cs", text), .. Neighbours]);

        Assert.Empty(Broken(house));
    }

    [Fact]
    public void No_folder_holds_more_files_than_one_sees_at_once()
    {
        Nothing(
            from folder in Files.CountBy(path => path[..path.LastIndexOf('/')])
            where folder.Value > LargestFolder
            select $"{folder.Key} holds {folder.Value} files, more than {LargestFolder}: divide it by what its files are about.");
    }

    /// <summary>What may be missing is asked for: a use of null is a signal, which a process does not always survive.</summary>
    [Fact]
    public void Nobody_counts_on_a_use_of_null_being_thrown()
    {
        Nothing(
            from path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            from line in File.ReadLines(path).Select((text, index) => (text, number: index + 1))
            where line.text.Contains(nameof(NullReferenceException), StringComparison.Ordinal) && line.text.AsSpan().TrimStart() is not ['/', '/', ..]
            select $"{Path.GetRelativePath(Repository.Root, path)}:{line.number} counts on a NullReferenceException.");
    }

    private static IEnumerable<(string, string)> Neighbours =>
    [
        ("Pgd.cs", "namespace CobraAD.Attacks.Gradient;\nclass Pgd { public const int Steps = 10; }"),
        ("Detector.cs", "using CobraAD.Attacks;\nnamespace CobraAD;\nstatic class Detector { }"),
    ];

    private static IEnumerable<House.Arrow> Broken(House house) => house.Arrows.Where(arrow => !MayUse(arrow.From, arrow.To));

    private static bool MayUse(string room, string other) => Layer(other) is var above and >= 0 && above < Layer(room);

    private static int Layer(string room) => Array.FindIndex(Layers, layer => layer.Contains(room));

    private static void Nothing(IEnumerable<string> findings)
    {
        string[] found = [.. findings];
        if (found.Length > 0) Assert.Fail(string.Join('\n', found));
    }
}
