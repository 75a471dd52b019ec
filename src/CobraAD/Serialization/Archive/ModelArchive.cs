using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CobraAD.Serialization.Tensors;
using CobraAD.Torch;
using CobraAD.Torch.Files;
using static TorchSharp.torch;

namespace CobraAD.Serialization.Archive;

/// <summary>
/// The <c>.cobra</c> file: a zip of <c>manifest.json</c> and one safetensors entry for each group of tensors ("network", "bank",
/// "optimizer", …), each named with its length and SHA-256 in the manifest. Models of every kind and training checkpoints share it.
/// Reading it never runs code.
/// </summary>
/// <remarks>
/// Entries are stored, not compressed (weights do not compress), so that all lengths are bounded by the file's own and a small file
/// cannot ask for much memory. The same content always gives the same bytes. An archive owns its tensors.
/// </remarks>
public sealed partial class ModelArchive : IDisposable
{
    private const string ManifestName = "manifest.json";
    private const string Extension = ".safetensors";
    private const int LocalHeaderLength = 30;
    private const int MaximumManifestLength = 16 << 20;
    private const int MaximumEntries = 256;
    internal const string DamagedRemedy = "The file was changed, damaged or cut short: copy it again from its source, or train again.";

    private ModelArchive(ModelManifest manifest, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> groups)
    {
        Manifest = manifest;
        Groups = groups;
    }

    /// <summary>Everything that is not a tensor.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The tensors, on the CPU, by group and name. They live until the archive is disposed; clone what must live longer.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> Groups { get; }

    /// <summary>Writes a model or checkpoint. The file appears complete or not at all; an older one stays until then.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="manifest">What to say about it; <see cref="ModelManifest.Entries"/> is filled in.</param>
    /// <param name="tensorGroups">Tensors by name, by group; group names are lower-case letters, digits, "-" and "_". Unchanged.</param>
    /// <returns>The manifest as written, with its entries.</returns>
    /// <exception cref="ArgumentException">A group's name, a tensor's name or an element type cannot be stored.</exception>
    public static ModelManifest Write(string path, ModelManifest manifest, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> tensorGroups)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(tensorGroups);
        if (tensorGroups.Count > MaximumEntries) throw new ArgumentException($"{tensorGroups.Count} groups; a model file holds at most {MaximumEntries}.", nameof(tensorGroups));
        foreach (string group in tensorGroups.Keys)
        {
            if (!GroupName().IsMatch(group))
                throw new ArgumentException($"\"{group}\" cannot be a group's name; use up to 64 lower-case letters, digits, '-' and '_', beginning with a letter or digit.", nameof(tensorGroups));
        }

        ModelManifest complete = manifest;
        AtomicFile.Write(path, file =>
        {
            using ZipArchive zip = new(file, ZipArchiveMode.Create, leaveOpen: true);
            SortedDictionary<string, ModelEntry> entries = new(StringComparer.Ordinal);
            foreach ((string group, IReadOnlyDictionary<string, Tensor> tensors) in tensorGroups.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                // An entry's content follows the 30 bytes of its local header and its name.
                long position = file.Position + LocalHeaderLength + group.Length + Extension.Length;
                using Stream stream = CreateEntry(zip, group + Extension);
                using HashingStream hashing = new(stream);
                Safetensors.Write(hashing, tensors, null, position);
                entries.Add(group + Extension, hashing.Digest());
            }

            complete = manifest with { FormatVersion = ModelManifest.CurrentFormatVersion, Entries = entries };
            byte[] content = JsonSerializer.SerializeToUtf8Bytes(complete, CobraJson.Options);
            using (Stream stream = CreateEntry(zip, ManifestName)) stream.Write(content);
            zip.Comment = SealOf(content);
        });
        return complete;
    }

    /// <summary>Reads a model or checkpoint and verifies every byte of it against the manifest before it is used.</summary>
    /// <param name="path">A file written by <see cref="Write"/>.</param>
    /// <returns>The archive; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is not a model, is damaged, or was written by a newer version.</exception>
    public static ModelArchive Read(string path) => Read(path, long.MaxValue);

    /// <summary>Reads a model or checkpoint and verifies every byte, but leaves large groups of tensors on the disk.</summary>
    /// <param name="path">A file written by <see cref="Write"/>; it may be replaced or deleted meanwhile, but not changed in place.</param>
    /// <param name="mapAbove">Groups of more bytes than this are mapped: read-only, and in memory only as far as they are used.</param>
    /// <inheritdoc cref="Read(string)"/>
    internal static ModelArchive Read(string path, long mapAbove) => Open(path, (file, zip, manifest) =>
    {
        TorchRuntime.EnsureInitialized();
        Dictionary<string, IReadOnlyDictionary<string, Tensor>> groups = new(StringComparer.Ordinal);
        try
        {
            foreach ((string name, ModelEntry expected) in manifest.Entries)
            {
                ZipArchiveEntry entry = zip.GetEntry(name)!;
                if (entry.Length > mapAbove)
                {
                    using MappedFile part = new(path, ContentPosition(file, entry), entry.Length);
                    using (Stream content = Content(part)) Verify(path, name, expected, content);
                    groups.Add(name[..^Extension.Length], Safetensors.Map(part, $"{path}, {name}").Tensors);
                    continue;
                }

                using (Stream content = entry.Open()) Verify(path, name, expected, content);

                using Stream stream = entry.Open();
                groups.Add(name[..^Extension.Length], Safetensors.Read(stream, entry.Length, $"{path}, {name}").Tensors);
            }

            return new ModelArchive(manifest, groups);
        }
        catch
        {
            Dispose(groups);
            throw;
        }
    });

    /// <summary>Reads only what a file says about itself; tensors are neither read nor verified.</summary>
    /// <param name="path">A file written by <see cref="Write"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file is not a model, is damaged, or was written by a newer version.</exception>
    public static ModelManifest ReadManifest(string path) => Open(path, (_, _, manifest) => manifest);

    /// <summary>SHA-256 (lower-case hex) of a whole model file: what a report calls the model's hash.</summary>
    /// <param name="path">Any file.</param>
    public static string Fingerprint(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>The tensors of one group.</summary>
    /// <param name="name">The group's name.</param>
    /// <exception cref="ModelFormatException">The archive has no such group.</exception>
    public IReadOnlyDictionary<string, Tensor> Group(string name) => Groups.TryGetValue(name, out IReadOnlyDictionary<string, Tensor>? group)
        ? group
        : throw new ModelFormatException($"The {Manifest.Kind} file has no tensors \"{name}\"; it has {string.Join(", ", Groups.Keys)}. It was written for another purpose or by another version ({Manifest.LibraryVersion}).");

    /// <summary>Disposes every tensor.</summary>
    public void Dispose() => Dispose(Groups);

    private static void Dispose(IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tensor>> groups)
    {
        foreach (Tensor tensor in groups.Values.SelectMany(group => group.Values)) tensor.Dispose();
    }

    private static Stream CreateEntry(ZipArchive zip, string name)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        // The zip format's first day: the same model gives the same file, whenever it is written.
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return entry.Open();
    }

    /// <summary>Where a stored entry's bytes lie in the file: reading its first one leaves the file just behind it.</summary>
    private static long ContentPosition(FileStream file, ZipArchiveEntry entry)
    {
        using Stream content = entry.Open();
        content.ReadExactly(stackalloc byte[1]);
        return file.Position - 1;
    }

    private static unsafe UnmanagedMemoryStream Content(MappedFile part) => new(part.Bytes, part.Length);

    private static void Verify(string path, string name, ModelEntry expected, Stream content)
    {
        string found = Convert.ToHexStringLower(SHA256.HashData(content));
        if (!string.Equals(found, expected.Sha256, StringComparison.Ordinal))
            throw new ModelFormatException($"{path}: the SHA-256 of {name} is {found}, its manifest says {expected.Sha256}. {DamagedRemedy}");
    }

    private static T Open<T>(string path, Func<FileStream, ZipArchive, ModelManifest, T> use)
    {
        using FileStream file = OpenFile(path);
        try
        {
            using ZipArchive zip = new(file, ZipArchiveMode.Read, leaveOpen: true);
            CheckEntries(path, zip, file.Length);
            ModelManifest manifest = ParseManifest(path, zip);
            CheckAgainstManifest(path, zip, manifest);
            return use(file, zip, manifest);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            if (Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
                throw new ModelFormatException($"{path}: an ONNX model, not a .cobra model. Give the .cobra file that it was exported from; 'cobra serve' and 'cobra watch' run the ONNX file, and 'cobra evaluate' and 'cobra audit' take one that was exported with --floats, by --onnx.", exception);
            throw new ModelFormatException($"{path}: not a readable zip archive, so not a .cobra model ({exception.Message}). Check the path; if it is the right file, it was damaged or cut short: copy it again.", exception);
        }
    }

    /// <summary>.NET says of a folder that access is denied.</summary>
    private static FileStream OpenFile(string path)
    {
        if (Directory.Exists(path)) throw new ModelFormatException($"{path}: a folder, not a .cobra model. Give the model's file.");
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such file, and a .cobra model is expected there.", path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
    }

    // Before anything is read: no lengths that the file could not hold, no duplicates, no crowd of entries.
    private static void CheckEntries(string path, ZipArchive zip, long fileLength)
    {
        if (zip.Entries.Count > MaximumEntries + 1)
            throw new ModelFormatException($"{path}: {zip.Entries.Count} zip entries; a .cobra model has at most {MaximumEntries + 1}. It is some other zip file: check the path.");

        HashSet<string> names = new(StringComparer.Ordinal);
        long total = 0;
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            if (!names.Add(entry.FullName)) throw new ModelFormatException($"{path}: entry {entry.FullName} occurs twice. {DamagedRemedy}");
            if (entry.Length != entry.CompressedLength)
                throw new ModelFormatException($"{path}: entry {entry.FullName} unpacks from {entry.CompressedLength} to {entry.Length} bytes; entries of a .cobra model are stored uncompressed. Do not repack model files: use the original.");
            if (entry.Length > fileLength || (total += entry.Length) > fileLength)
                throw new ModelFormatException($"{path}: entry {entry.FullName} claims {entry.Length} bytes, more than the whole file of {fileLength} can hold. {DamagedRemedy}");
        }
    }

    private static ModelManifest ParseManifest(string path, ZipArchive zip)
    {
        if (zip.GetEntry(ManifestName) is not { } entry)
        {
            throw new ModelFormatException(zip.Entries.Any(other => other.Name.EndsWith(".pkl", StringComparison.Ordinal))
                ? $"{path}: a PyTorch or TorchScript file, not a .cobra model. 'cobra evaluate' and 'cobra audit' take TorchScript with --torchscript."
                : $"{path}: a zip archive without {ManifestName}, so not a .cobra model. Check the path.");
        }

        if (entry.Length > MaximumManifestLength)
            throw new ModelFormatException($"{path}: {ManifestName} has {entry.Length} bytes, at most {MaximumManifestLength} are allowed. {DamagedRemedy}");

        string where = $"{path}, {ManifestName}";
        byte[] content = new byte[entry.Length];
        using (Stream stream = entry.Open()) stream.ReadExactly(content);
        // Files that version 0.1.0 wrote may have no seal.
        if (zip.Comment.Length > 0 && zip.Comment != SealOf(content))
            throw new ModelFormatException($"{where}: the content is not what its SHA-256 says. {DamagedRemedy}");
        JsonNode? tree;
        try
        {
            tree = CobraJson.Parse(content, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new ModelFormatException($"{where}: not valid JSON ({exception.Message}). {DamagedRemedy}", exception);
        }

        // The version comes first: a newer manifest may have members that this version cannot know.
        if (tree is not JsonObject members || members["formatVersion"] is not JsonValue value || !value.TryGetValue(out int version) || version < 1)
            throw new ModelFormatException($"{where}: no formatVersion of 1 or more. {DamagedRemedy}");
        if (version > ModelManifest.CurrentFormatVersion)
        {
            string writer = members["libraryVersion"]?.ToString() ?? "a newer version";
            throw new ModelFormatException($"{where}: format version {version}, written by CobraAD {writer}; this version reads up to {ModelManifest.CurrentFormatVersion}. Update CobraAD to read it.");
        }

        ModelManifest manifest = CobraJson.FromNode<ModelManifest>(tree, where);
        manifest.Data?.Check(where);
        return manifest;
    }

    /// <summary>
    /// The archive's comment: the manifest's SHA-256. The manifest has those of all other entries, so together they speak for every byte that
    /// means anything, and what a file says about itself can be trusted without reading its tensors.
    /// </summary>
    private static string SealOf(byte[] manifest) => $"manifest.json sha256 {Convert.ToHexStringLower(SHA256.HashData(manifest))}";

    private static void CheckAgainstManifest(string path, ZipArchive zip, ModelManifest manifest)
    {
        if (manifest.Entries is null) throw new ModelFormatException($"{path}: the manifest names no entries. {DamagedRemedy}");
        foreach ((string name, ModelEntry? expected) in manifest.Entries)
        {
            if (!name.EndsWith(Extension, StringComparison.Ordinal) || !GroupName().IsMatch(name[..^Extension.Length]))
                throw new ModelFormatException($"{path}: the manifest names an entry \"{name}\", which no .cobra model has. {DamagedRemedy}");
            if (expected?.Sha256 is null) throw new ModelFormatException($"{path}: the manifest does not say what {name} must hash to. {DamagedRemedy}");
            ZipArchiveEntry entry = zip.GetEntry(name)
                ?? throw new ModelFormatException($"{path}: entry {name} is missing; the manifest names it. {DamagedRemedy}");
            if (entry.Length != expected.Bytes)
                throw new ModelFormatException($"{path}: entry {name} has {entry.Length} bytes, its manifest says {expected.Bytes}. {DamagedRemedy}");
        }

        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            if (entry.FullName != ManifestName && !manifest.Entries.ContainsKey(entry.FullName))
                throw new ModelFormatException($"{path}: unexpected entry {entry.FullName}, which the manifest does not name. Something was added to the file: use the original.");
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9_-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex GroupName();
}
