using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using CobraAD.Serialization;
using CobraAD.Serialization.Archive;
using static TorchSharp.torch;

namespace CobraAD.Tests.Serialization.Archive;

public sealed class ModelArchiveTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Tensor weights = arange(0, 12, ScalarType.Float32).reshape(3, 4);
    private readonly Tensor bank = arange(0, 6, ScalarType.Float64);

    private string ModelPath => folder.File("model.cobra");

    private sealed record ToyOptions
    {
        public double Tau { get; init; } = 0.5;

        public DayOfWeek Day { get; init; } = DayOfWeek.Friday;
    }

    [Fact]
    public void A_model_comes_back_with_everything_it_was_written_with()
    {
        ModelManifest written = WriteModel();

        using ModelArchive archive = ModelArchive.Read(ModelPath);

        Assert.Equal("cobra", archive.Manifest.Kind);
        Assert.Equal(written.LibraryVersion, archive.Manifest.LibraryVersion);
        Assert.Equal(new ModelData("bottle", "folder", 209, 64, 64, "ab12"), archive.Manifest.Data);
        Assert.Equal(new ToyOptions { Tau = 0.2 }, CobraJson.FromNode<ToyOptions>(archive.Manifest.Options, "options"));
        Assert.Equal(0.25, (double)archive.Manifest.Calibration!["threshold"]!);
        Assert.Equal("NaN", (string)archive.Manifest.Health!["loss"]!);
        Assert.Equal(["bank", "network"], archive.Groups.Keys.Order());
        Assert.True(archive.Group("network")["weights"].eq(weights).all().item<bool>());
        Assert.True(archive.Group("bank")["embeddings"].eq(bank).all().item<bool>());
    }

    [Fact]
    public void A_mapped_model_is_the_same_and_its_tensors_outlive_archive_and_file()
    {
        WriteModel();
        ModelArchive archive = ModelArchive.Read(ModelPath, mapAbove: 0);
        using Tensor kept = archive.Group("network")["weights"].alias(), keptBank = archive.Group("bank")["embeddings"].alias();

        archive.Dispose();
        File.Delete(ModelPath);

        Assert.True(kept.eq(weights).all().item<bool>());
        Assert.True(keptBank.eq(bank).all().item<bool>());
    }

    [Fact]
    public void Every_changed_byte_of_a_mapped_tensor_is_noticed()
    {
        WriteModel();
        Dictionary<string, byte[]> entries = ReadEntries();
        entries["network.safetensors"][^1] ^= 1;
        Rewrite(entries);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelArchive.Read(ModelPath, mapAbove: 0));

        Assert.Contains("SHA-256 of network.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("abc")]
    [InlineData("a-group-with-a-longer-name")]
    public void Tensors_are_aligned_in_the_file_so_that_they_can_be_mapped(string group)
    {
        ModelArchive.Write(ModelPath, new ModelManifest { Kind = "cobra" }, Groups(group, weights));
        byte[] bytes = File.ReadAllBytes(ModelPath);

        int position = bytes.AsSpan().IndexOf(weights.bytes);

        Assert.True(position > 0);
        Assert.Equal(0, position % 8);
    }

    [Fact]
    public void A_checkpoint_is_the_same_container()
    {
        ModelArchive.Write(ModelPath, new ModelManifest { Kind = "checkpoint", Progress = new JsonObject { ["epoch"] = 3, ["step"] = 17 } },
            new Dictionary<string, IReadOnlyDictionary<string, Tensor>> { ["optimizer"] = new Dictionary<string, Tensor> { ["momentum/0"] = weights } });

        using ModelArchive archive = ModelArchive.Read(ModelPath);

        Assert.Equal("checkpoint", archive.Manifest.Kind);
        Assert.Equal(17, (int)archive.Manifest.Progress!["step"]!);
        Assert.True(archive.Group("optimizer")["momentum/0"].eq(weights).all().item<bool>());
    }

    [Fact]
    public void The_manifest_alone_can_be_read()
    {
        ModelManifest written = WriteModel();

        ModelManifest manifest = ModelArchive.ReadManifest(ModelPath);

        Assert.Equal(written.Entries, manifest.Entries);
        Assert.Equal(2, manifest.Entries.Count);
    }

    [Fact]
    public void The_same_model_gives_the_same_file()
    {
        WriteModel();
        string first = ModelArchive.Fingerprint(ModelPath);

        WriteModel();

        Assert.Equal(first, ModelArchive.Fingerprint(ModelPath));
        Assert.Matches("^[0-9a-f]{64}$", first);
    }

    [Fact]
    public void Tensors_outlive_the_dispose_scope_they_were_read_in()
    {
        WriteModel();
        ModelArchive archive;
        using (NewDisposeScope()) archive = ModelArchive.Read(ModelPath);

        Assert.False(archive.Group("network")["weights"].IsInvalid);

        archive.Dispose();
        Assert.True(archive.Group("network")["weights"].IsInvalid);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_model_and_no_other_file()
    {
        WriteModel();
        string before = ModelArchive.Fingerprint(ModelPath);
        using Tensor complex = zeros(2, dtype: ScalarType.ComplexFloat32);

        Assert.Throws<ArgumentException>(() => ModelArchive.Write(ModelPath, new ModelManifest { Kind = "cobra" }, Groups("network", complex)));

        Assert.Equal(before, ModelArchive.Fingerprint(ModelPath));
        Assert.Equal([ModelPath], Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../network")]
    [InlineData("Network")]
    [InlineData("a.b")]
    public void A_group_name_that_is_no_plain_word_is_refused(string group) =>
        Assert.Throws<ArgumentException>("tensorGroups", () => ModelArchive.Write(ModelPath, new ModelManifest { Kind = "cobra" }, Groups(group, weights)));

    [Fact]
    public void A_missing_file_is_named()
    {
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => ModelArchive.Read(ModelPath));

        Assert.Contains(ModelPath, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is text")]
    [InlineData("PK\u0003\u0004 cut short")]
    public void A_file_that_is_no_zip_is_refused(string content)
    {
        File.WriteAllText(ModelPath, content);

        AssertRefused("not a readable zip archive", "Check the path");
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.9)]
    public void A_model_that_was_cut_short_is_refused(double share)
    {
        WriteModel();
        byte[] bytes = File.ReadAllBytes(ModelPath);
        File.WriteAllBytes(ModelPath, bytes[..(int)(bytes.Length * share)]);

        AssertRefused("not a readable zip archive", "copy it again");
    }

    [Fact]
    public void Another_zip_file_is_refused()
    {
        Rewrite(new() { ["readme.txt"] = "hello"u8.ToArray() });

        AssertRefused("without manifest.json", "Check the path");
    }

    [Fact]
    public void Every_changed_byte_of_a_tensor_is_noticed()
    {
        WriteModel();
        Dictionary<string, byte[]> entries = ReadEntries();
        entries["network.safetensors"][^1] ^= 1;
        Rewrite(entries);

        AssertRefused("SHA-256 of network.safetensors", "copy it again");
    }

    [Fact]
    public void A_missing_entry_is_named()
    {
        WriteModel();
        Dictionary<string, byte[]> entries = ReadEntries();
        entries.Remove("bank.safetensors");
        Rewrite(entries);

        AssertRefused("entry bank.safetensors is missing", "copy it again");
    }

    [Fact]
    public void An_unexpected_entry_is_named()
    {
        WriteModel();
        Dictionary<string, byte[]> entries = ReadEntries();
        entries["plugin.dll"] = [1, 2, 3];
        Rewrite(entries);

        AssertRefused("unexpected entry plugin.dll", "use the original");
    }

    [Fact]
    public void An_entry_of_another_length_is_refused()
    {
        WriteModel();
        Dictionary<string, byte[]> entries = ReadEntries();
        entries["bank.safetensors"] = [.. entries["bank.safetensors"], 0];
        Rewrite(entries);

        AssertRefused("entry bank.safetensors has", "its manifest says");
    }

    [Fact]
    public void A_compressed_entry_is_refused_before_it_is_unpacked()
    {
        WriteModel();
        Dictionary<string, byte[]> entries = ReadEntries();
        entries["bank.safetensors"] = new byte[10_000_000];
        Rewrite(entries, CompressionLevel.SmallestSize);

        AssertRefused("unpacks from", "use the original");
    }

    [Fact]
    public void Declared_sizes_beyond_the_file_are_refused()
    {
        WriteModel();
        byte[] bytes = File.ReadAllBytes(ModelPath);
        // Both sizes of the first central directory record: compressed at +20, uncompressed at +24.
        int central = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(central + 20), 0x7f000000);
        BitConverter.TryWriteBytes(bytes.AsSpan(central + 24), 0x7f000000);
        File.WriteAllBytes(ModelPath, bytes);

        AssertRefused("more than the whole file", "copy it again");
    }

    [Fact]
    public void An_oversized_manifest_is_refused()
    {
        Rewrite(new() { ["manifest.json"] = new byte[(16 << 20) + 1] });

        AssertRefused("at most 16777216 are allowed", "copy it again");
    }

    [Fact]
    public void A_repeated_entry_is_refused()
    {
        using (ZipArchive zip = new(File.Create(ModelPath), ZipArchiveMode.Create))
        {
            for (int i = 0; i < 2; i++)
            {
                using Stream stream = zip.CreateEntry("manifest.json", CompressionLevel.NoCompression).Open();
                stream.Write("{}"u8);
            }
        }

        AssertRefused("manifest.json occurs twice", "copy it again");
    }

    [Fact]
    public void A_crowd_of_entries_is_refused()
    {
        Rewrite(Enumerable.Range(0, 300).ToDictionary(i => $"e{i}", _ => Array.Empty<byte>()));

        AssertRefused("300 zip entries", "check the path");
    }

    [Theory]
    [InlineData("""{"formatVersion": 2, "kind": "cobra", "libraryVersion": "9.1.0", "novelty": true}""", "written by CobraAD 9.1.0", "Update CobraAD")]
    [InlineData("""{"kind": "cobra"}""", "no formatVersion", "copy it again")]
    [InlineData("""{"formatVersion": 0, "kind": "cobra"}""", "no formatVersion", "copy it again")]
    [InlineData("""{"formatVersion": "1", "kind": "cobra"}""", "no formatVersion", "copy it again")]
    [InlineData("[1]", "no formatVersion", "copy it again")]
    [InlineData("{", "not valid JSON", "copy it again")]
    [InlineData("""{"formatVersion": 1, "formatVersion": 1, "kind": "cobra"}""", "not valid JSON", "copy it again")]
    [InlineData("""{"formatVersion": 1}""", "kind", "write the file again")]
    [InlineData("""{"formatVersion": 1, "kind": null}""", "kind", "write the file again")]
    [InlineData("""{"formatVersion": 1, "kind": "cobra", "onLoad": "run"}""", "onLoad", "write the file again")]
    [InlineData("""{"formatVersion": 1, "kind": "cobra", "entries": {"../../etc/passwd": {"bytes": 1, "sha256": ""}}}""", "names an entry \"../../etc/passwd\"", "copy it again")]
    public void A_wrong_manifest_is_refused(string manifest, string problem, string remedy)
    {
        Rewrite(new() { ["manifest.json"] = Encoding.UTF8.GetBytes(manifest) });

        AssertRefused(problem, remedy);
    }

    [Fact]
    public void Options_of_another_kind_are_refused_with_the_section_named()
    {
        JsonObject options = new() { ["tau"] = 0.2, ["temprature"] = 1 };

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => CobraJson.FromNode<ToyOptions>(options, "model.cobra, options"));

        Assert.StartsWith("model.cobra, options", error.Message, StringComparison.Ordinal);
        Assert.Contains("temprature", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_that_is_not_there_is_named_with_those_that_are()
    {
        WriteModel();
        using ModelArchive archive = ModelArchive.Read(ModelPath);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => archive.Group("optimizer"));

        Assert.Contains("bank, network", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        weights.Dispose();
        bank.Dispose();
        folder.Dispose();
    }

    private static Dictionary<string, IReadOnlyDictionary<string, Tensor>> Groups(string name, Tensor tensor) =>
        new() { [name] = new Dictionary<string, Tensor> { ["weights"] = tensor } };

    private ModelManifest WriteModel()
    {
        ModelManifest manifest = new()
        {
            Kind = "cobra",
            Data = new ModelData("bottle", "folder", 209, 64, 64, "ab12"),
            Options = CobraJson.ToNode(new ToyOptions { Tau = 0.2 }),
            Calibration = new JsonObject { ["threshold"] = 0.25 },
            Health = CobraJson.ToNode(new Dictionary<string, double> { ["loss"] = double.NaN }),
        };
        return ModelArchive.Write(ModelPath, manifest, new Dictionary<string, IReadOnlyDictionary<string, Tensor>>
        {
            ["network"] = new Dictionary<string, Tensor> { ["weights"] = weights },
            ["bank"] = new Dictionary<string, Tensor> { ["embeddings"] = bank },
        });
    }

    private Dictionary<string, byte[]> ReadEntries()
    {
        using ZipArchive zip = ZipFile.OpenRead(ModelPath);
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using MemoryStream copy = new();
            using Stream stream = entry.Open();
            stream.CopyTo(copy);
            return copy.ToArray();
        });
    }

    private void Rewrite(Dictionary<string, byte[]> entries, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using ZipArchive zip = new(File.Create(ModelPath), ZipArchiveMode.Create);
        foreach ((string name, byte[] content) in entries)
        {
            using Stream stream = zip.CreateEntry(name, level).Open();
            stream.Write(content);
        }
    }

    [Fact]
    public void Every_changed_byte_of_the_manifest_is_noticed()
    {
        WriteModel();
        byte[] bytes = File.ReadAllBytes(ModelPath);
        int digit = bytes.AsSpan().IndexOf("0.25"u8) + 3;
        bytes[digit] = (byte)'6';
        // As somebody would do it who mends the zip's own checksum as well: .NET does not look at it when reading stored entries piecewise.
        File.WriteAllBytes(ModelPath, bytes);

        AssertRefused("not", "copy it again");
        Assert.Throws<ModelFormatException>(() => ModelArchive.ReadManifest(ModelPath));
    }

    [Theory]
    [InlineData("\"sha256\"", "\"sha\"")]
    [InlineData("\"entries\"", "\"entries\": null, \"other\"")]
    public void A_manifest_without_the_hash_of_an_entry_is_refused(string old, string changed)
    {
        WriteModel();
        Dictionary<string, byte[]> entries = ReadEntries();
        entries["manifest.json"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(entries["manifest.json"]).Replace(old, changed, StringComparison.OrdinalIgnoreCase));
        Rewrite(entries);

        Assert.Throws<ModelFormatException>(() => ModelArchive.Read(ModelPath).Dispose());
    }

    [Fact]
    public void A_repacked_manifest_is_noticed_by_its_seal()
    {
        WriteModel();
        string seal;
        using (ZipArchive zip = ZipFile.OpenRead(ModelPath)) seal = zip.Comment;
        Dictionary<string, byte[]> entries = ReadEntries();
        entries["manifest.json"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(entries["manifest.json"]).Replace("0.25", "0.35", StringComparison.Ordinal));
        Rewrite(entries);
        using (ZipArchive zip = ZipFile.Open(ModelPath, ZipArchiveMode.Update)) zip.Comment = seal;

        AssertRefused("manifest.json: the content is not what its SHA-256 says", "copy it again");
    }

    [Fact]
    public void A_file_of_the_first_version_without_a_seal_is_read()
    {
        WriteModel();
        Rewrite(ReadEntries());

        using ModelArchive archive = ModelArchive.Read(ModelPath);

        Assert.Equal("cobra", archive.Manifest.Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4097)]
    [InlineData(2_000_000_000)]
    public void A_size_that_no_training_has_is_refused(int height)
    {
        ModelArchive.Write(ModelPath, new ModelManifest { Kind = "cobra", Data = new ModelData("bottle", "folder", 209, height, 64, "ab12") }, Groups("network", weights));

        AssertRefused("expected 1 to 4096", "copy it again");
    }

    private void AssertRefused(string problem, string remedy)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelArchive.Read(ModelPath).Dispose());

        Assert.StartsWith(ModelPath, error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(remedy, error.Message, StringComparison.OrdinalIgnoreCase);
    }
}
