using System.Reflection;
using CobraAD.Detection;
using CobraAD.Onnx;
using CobraAD.Runtime;

namespace CobraAD.Tests;

/// <summary>What the packages show to others changes only on purpose: beside this file stands what was approved.</summary>
public sealed class PublicApiTests
{
    /// <summary>The ceiling of public types; a type that need not be public lowers it, and a new one needs a reason.</summary>
    private const int MostPublicTypes = 246;

    private const int ShownDifferences = 20;

    private static readonly Dictionary<string, Assembly> Assemblies = new()
    {
        ["CobraAD"] = typeof(IAnomalyDetector).Assembly,
        ["CobraAD.Onnx"] = typeof(OnnxDetector).Assembly,
        ["CobraAD.Runtime"] = typeof(RobustDetector).Assembly,
    };

    public static TheoryData<string> Names => [.. Assemblies.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_public_API_is_the_approved_one(string assembly)
    {
        string file = assembly == "CobraAD" ? "PublicApi" : $"PublicApi.{assembly["CobraAD.".Length..]}";
        string approvedPath = Path.Combine(Repository.Root, "tests", "CobraAD.Tests", $"{file}.approved.txt");
        string receivedPath = Path.Combine(AppContext.BaseDirectory, $"{file}.received.txt");

        string received = PublicApi.Describe(Assemblies[assembly]);
        string approved = File.Exists(approvedPath) ? File.ReadAllText(approvedPath).ReplaceLineEndings("\n") : "";

        if (received == approved) return;
        File.WriteAllText(receivedPath, received);
        string difference = Difference(approved, received);
        Assert.Fail(
            $"The public API of {assembly} is not the approved one:\n{difference}\n" +
            $"If the change is meant, copy it over the approved file:\ncp '{receivedPath}' '{approvedPath}'");
    }

    [Fact]
    public void Public_types_become_fewer_not_more() => Assert.Equal(MostPublicTypes, PublicApi.Types(Assemblies["CobraAD"]).Count);

    [Fact]
    public void A_type_is_shown_as_it_is_written_without_what_the_compiler_makes() => Assert.Equal(
        """
        sealed record PublicApiTests.Sample<T> : IDisposable where T : class
            const int Most = 8
            Sample(string Name, int? Count = null)
            int? Count { get; init; }
            string Name { get; init; }
            required IReadOnlyList<(T? Key, double Value)> Pairs { get; init; }
            void Dispose()
            bool TryRead(string? text, out double value, params int[] places)

        """,
        PublicApi.Describe(typeof(Sample<>)));

    public sealed record Sample<T>(string Name, int? Count = null) : IDisposable
        where T : class
    {
        public const int Most = 8;

        public required IReadOnlyList<(T? Key, double Value)> Pairs { get; init; }

        public bool TryRead(string? text, out double value, params int[] places) => double.TryParse(text, out value) && places.Length > Name.Length;

        public void Dispose()
        {
        }
    }

    private static string Difference(string approved, string received)
    {
        string[] before = approved.Split('\n'), after = received.Split('\n');
        int first = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        IEnumerable<string> gone = before.Except(after).Select(line => $"- {line}"), added = after.Except(before).Select(line => $"+ {line}");
        return string.Join('\n', gone.Concat(added).Take(ShownDifferences).Prepend($"first difference in line {first + 1}"));
    }
}
