using System.IO.Compression;

namespace CobraAD.Cli.Tests;

/// <summary>Models of others, for images of 8 × 8 pixels.</summary>
internal static class ForeignModels
{
    private const string Source = "plain.pt";
    private const string SourceReturn = "return _0";

    /// <summary>An ONNX file whose score is the mean brightness.</summary>
    public static string Onnx => InModels("brightness.onnx");

    /// <summary>A TorchScript file whose score is Σ w·x, w from -1 to 1.</summary>
    public static string TorchScript => InModels(Source);

    /// <summary>That TorchScript file with something else made of its sum.</summary>
    /// <param name="folder">Where the file goes.</param>
    /// <param name="formula">TorchScript code; <c>_0</c> is the sum, one for each image.</param>
    public static string TorchScriptWith(TemporaryFolder folder, string formula)
    {
        string path = folder.File("changed.pt");
        File.Copy(TorchScript, path);
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Update);
        ZipArchiveEntry entry = archive.Entries.Single(file => file.Name == "__torch__.py");
        string name = entry.FullName, code;
        using (StreamReader reader = new(entry.Open())) code = reader.ReadToEnd();
        Assert.Contains(SourceReturn, code, StringComparison.Ordinal);
        entry.Delete();
        using StreamWriter writer = new(archive.CreateEntry(name, CompressionLevel.NoCompression).Open());
        writer.Write(code.Replace(SourceReturn, $"return {formula}", StringComparison.Ordinal));
        return path;
    }

    private static string InModels(string file) => Path.Combine(AppContext.BaseDirectory, "Models", file);
}
