using System.Text.Json;
using System.Xml.Linq;

namespace CobraAD.Tests;

/// <summary>Every package of every project is known by its hash, in the version that Directory.Packages.props names.</summary>
public sealed class PackageLocksTests
{
    /// <summary>The projects of the solution; the one that has no code of ours asks for nothing but the analyzer.</summary>
    public static TheoryData<string> Projects =>
        [.. XDocument.Load(Path.Combine(Repository.Root, "CobraAD.slnx")).Descendants("Project").Select(project => project.Attribute("Path")!.Value)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_has_a_lock_file_with_the_versions_of_today(string project)
    {
        string file = Path.Combine(Repository.Root, Path.GetDirectoryName(project)!, "packages.lock.json");
        Assert.True(File.Exists(file), $"{project} has no packages.lock.json: run 'dotnet restore' and commit the file.");
        Dictionary<string, string> central = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value, StringComparer.OrdinalIgnoreCase);
        using JsonDocument content = JsonDocument.Parse(File.ReadAllText(file));

        (string Name, JsonElement Package)[] packages =
        [
            .. content.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject())
                .Where(package => package.Value.GetProperty("type").GetString() != "Project").Select(package => (package.Name, package.Value)),
        ];

        Assert.NotEmpty(packages);
        foreach ((string name, JsonElement package) in packages)
        {
            Assert.Equal(64, Convert.FromBase64String(package.GetProperty("contentHash").GetString()!).Length);
            if (package.GetProperty("type").GetString() == "Direct" && central.TryGetValue(name, out string? version))
                Assert.True(version == package.GetProperty("resolved").GetString(), $"{name} of {project} is not {version}: run 'dotnet restore' and commit packages.lock.json.");
        }
    }
}
