using System.IO.Compression;
using System.Xml.Linq;

namespace CobraAD.Runtime.Tests.Packaging;

/// <summary>What <c>dotnet pack</c> makes of one project, in a folder that can serve as a package source.</summary>
internal sealed class PackedProject : IDisposable
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();
    private readonly ZipArchive package;
    private readonly ZipArchive symbols;

    private PackedProject(string folder)
    {
        Folder = folder;
        package = ZipFile.OpenRead(Directory.GetFiles(folder, "*.nupkg").Single());
        symbols = ZipFile.OpenRead(Directory.GetFiles(folder, "*.snupkg").Single());
        using Stream nuspec = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        Metadata = XDocument.Load(nuspec).Root!.Elements().Single();
    }

    /// <summary>The package source.</summary>
    public string Folder { get; }

    /// <summary>The metadata element of the package's description.</summary>
    public XElement Metadata { get; }

    /// <summary>Names of the package's files.</summary>
    public IEnumerable<string> Files => package.Entries.Select(entry => entry.FullName);

    /// <summary>Names of the symbol package's files.</summary>
    public IEnumerable<string> SymbolFiles => symbols.Entries.Select(entry => entry.FullName);

    /// <summary>Bytes of the package.</summary>
    public long Length => new FileInfo(Directory.GetFiles(Folder, "*.nupkg").Single()).Length;

    /// <summary>Packages that it needs.</summary>
    public IEnumerable<string> Dependencies => Metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value);

    /// <summary>Packs a project of the repository.</summary>
    public static async Task<PackedProject> PackAsync(string project)
    {
        string folder = Directory.CreateTempSubdirectory("cobra-package-").FullName;
        await Dotnet.RunAsync(Repository.Root, Nothing, "pack", $"src/{project}", "-c", "Release", "-o", folder, "-v", "quiet");
        return new PackedProject(folder);
    }

    /// <summary>One value of the metadata; empty when it is not there.</summary>
    public string Value(string name) => Metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";

    /// <summary>A text file of the package.</summary>
    public string Text(string name)
    {
        using StreamReader reader = new(package.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    public void Dispose()
    {
        package.Dispose();
        symbols.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
