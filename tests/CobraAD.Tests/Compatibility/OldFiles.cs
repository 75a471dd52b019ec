using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CobraAD.Serialization.Archive;
using TorchSharp;
using static TorchSharp.torch;

namespace CobraAD.Tests.Compatibility;

/// <summary>What an older version wrote, and what it said about it. Files/README.md tells what is there and where it comes from.</summary>
internal static class OldFiles
{
    /// <summary>Relative to the largest score of a model. Convolution kernels of another processor add up in another order.</summary>
    private const double Tolerance = 1e-5;

    private static readonly Lazy<JsonNode> Record = new(() => JsonNode.Parse(File.ReadAllText(Path("expected.json")))!);

    private static readonly Lazy<bool> IsSameProcessor = new(() => Processor() == (string?)Expected["processor"]);

    public static string Folder { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Compatibility", "Files");

    public static JsonNode Expected => Record.Value;

    /// <summary>Whether this processor computes the very bits that were recorded; elsewhere results agree within a tolerance.</summary>
    public static bool BitsMustAgree => IsSameProcessor.Value;

    public static string Path(string name) => System.IO.Path.Combine(Folder, name);

    /// <summary>The name under which a file is recorded.</summary>
    public static string NameOf(string path) => System.IO.Path.GetRelativePath(Folder, path);

    /// <summary>SHA-256 over tensors in the order of their names: name, type, shape and bytes, as Files/record.py computes it.</summary>
    public static string Digest(IReadOnlyDictionary<string, Tensor> tensors)
    {
        using DisposeScope scope = NewDisposeScope();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, Tensor tensor) in tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {TypeName(tensor.dtype)} [{string.Join(", ", tensor.shape)}]\n"));
            hash.AppendData(tensor.contiguous().bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The digest of every group of tensors of a model file or checkpoint.</summary>
    public static SortedDictionary<string, string> Groups(string path)
    {
        using ModelArchive archive = ModelArchive.Read(path);
        return new(archive.Groups.ToDictionary(group => group.Key, group => Digest(group.Value)), StringComparer.Ordinal);
    }

    /// <summary>Recorded digests by group.</summary>
    public static SortedDictionary<string, string> Groups(JsonNode recorded) =>
        new(recorded.AsObject().ToDictionary(group => group.Key, group => (string)group.Value!), StringComparer.Ordinal);

    /// <summary>Bit for bit on the processor of the record, elsewhere within the tolerance.</summary>
    public static void AssertScores(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        if (BitsMustAgree) Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), actual.Select(BitConverter.DoubleToInt64Bits));
        else AssertClose(expected, actual);
    }

    /// <summary>Within the tolerance on any processor.</summary>
    public static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        double allowed = Tolerance * expected.Max(Math.Abs);
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - allowed, pair.First + allowed));
    }

    private static string TypeName(ScalarType type) => type switch
    {
        ScalarType.Float32 => "F32",
        ScalarType.Float64 => "F64",
        ScalarType.Int32 => "I32",
        ScalarType.Int64 => "I64",
        ScalarType.Byte => "U8",
        ScalarType.Bool => "BOOL",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No file of the record holds tensors of this type."),
    };

    /// <summary>What decides which kernels libtorch runs, in the words of Files/record.py.</summary>
    private static string Processor()
    {
        const string file = "/proc/cpuinfo";
        if (!File.Exists(file)) return RuntimeInformation.OSDescription;
        Dictionary<string, string> said = new(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(file))
        {
            if (line.Split(':', 2, StringSplitOptions.TrimEntries) is [string key, string value]) said.TryAdd(key, value);
        }

        string[] flags = Said("flags").Split(' ');
        string level = flags.Contains("avx512f") ? "AVX-512" : flags.Contains("avx2") ? "AVX2" : "SSE";
        return $"{Said("vendor_id")}, family {Said("cpu family")}, model {Said("model")}, {Said("model name")}, {level}";

        string Said(string key) => said.GetValueOrDefault(key, "unknown");
    }

    /// <summary>A tree without the members that another one does not have: what only a later version says.</summary>
    public static JsonNode? Known(JsonNode? now, JsonNode? old) => (now, old) switch
    {
        (JsonObject tree, JsonObject before) => new JsonObject(
            tree.Where(member => before.ContainsKey(member.Key)).Select(member => KeyValuePair.Create(member.Key, Known(member.Value, before[member.Key])))),
        (JsonArray items, JsonArray earlier) when items.Count == earlier.Count => new JsonArray([.. items.Zip(earlier, Known)]),
        _ => now?.DeepClone(),
    };
}
