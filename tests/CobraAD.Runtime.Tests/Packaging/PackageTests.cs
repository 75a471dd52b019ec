using System.Globalization;

namespace CobraAD.Runtime.Tests.Packaging;

/// <summary>What users of the packages get. Slow because each test runs <c>dotnet pack</c>, one of them over 440 MB of libtorch.</summary>
[Trait("Category", "Slow")]
public sealed class PackageTests
{
    [Theory]
    [InlineData("CobraAD")]
    [InlineData("CobraAD.Onnx")]
    [InlineData("CobraAD.Runtime")]
    public async Task A_library_has_its_documentation_page_icon_licence_and_symbols(string project)
    {
        using PackedProject package = await PackedProject.PackAsync(project);

        AssertPresentation(package, project);
        Assert.Contains($"lib/net10.0/{project}.dll", package.Files);
        Assert.Contains($"lib/net10.0/{project}.xml", package.Files);
        Assert.Contains($"lib/net10.0/{project}.pdb", package.SymbolFiles);
    }

    [Theory]
    [InlineData("CobraAD.Server", "cobra-server", "libonnxruntime.so", 40)]
    [InlineData("CobraAD.Cli", "cobra", "libtorch/libtorch_cpu.so", 240)]
    public async Task A_tool_is_complete_and_small_enough_for_a_registry(string project, string command, string native, int mebibytes)
    {
        using PackedProject package = await PackedProject.PackAsync(project);

        AssertPresentation(package, project);
        Assert.Contains($"tools/net10.0/linux-x64/{native}", package.Files);
        Assert.Contains($"Command Name=\"{command}\"", package.Text("tools/net10.0/linux-x64/DotnetToolSettings.xml"), StringComparison.Ordinal);
        Assert.Contains("licences/onnxruntime/LICENSE", package.Files);
        Assert.DoesNotContain(package.Files, file => file.EndsWith("onnxruntime.dll", StringComparison.Ordinal));
        Assert.InRange(package.Length, 1, (long)mebibytes << 20);
    }

    [Fact]
    public async Task The_package_of_weights_has_one_file_its_licence_and_puts_it_beside_the_program()
    {
        using PackedProject package = await PackedProject.PackAsync("CobraAD.Backbones.ImageNet");

        AssertPresentation(package, "CobraAD.Backbones.ImageNet");
        Assert.Contains("backbones/imagenet-resnet18.onnx", package.Files);
        Assert.Contains("licences/ml.net/LICENSE", package.Files);
        Assert.Contains("licences/ml.net/THIRD-PARTY-NOTICES.TXT", package.Files);
        Assert.Contains("CopyToOutputDirectory", package.Text("buildTransitive/CobraAD.Backbones.ImageNet.targets"), StringComparison.Ordinal);
        Assert.DoesNotContain(package.Files, file => file.EndsWith(".dll", StringComparison.Ordinal));
        Assert.Empty(package.Dependencies);
    }

    [Fact]
    public async Task The_library_brings_the_repair_of_TorchSharps_native_library()
    {
        using PackedProject package = await PackedProject.PackAsync("CobraAD");

        string repair = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "build", "TorchSharpNativeFix.targets"));
        Assert.Equal(repair, package.Text("buildTransitive/CobraAD.targets"));
        Assert.Contains("libtorch-cpu-linux-x64", package.Dependencies);
    }

    [Fact]
    public async Task A_project_elsewhere_scores_an_image_with_the_runtimes_package_alone()
    {
        using TestModel model = new();
        using PackedProject package = await PackedProject.PackAsync("CobraAD.Runtime");
        Assert.DoesNotContain(package.Dependencies, id => id.Contains("torch", StringComparison.OrdinalIgnoreCase));
        await File.WriteAllBytesAsync(model.In("part.png"), TestPicture.Plain(10, 20, 30));
        string folder = Directory.CreateDirectory(model.In("consumer")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <RestoreAdditionalProjectSources>{package.Folder}</RestoreAdditionalProjectSources>
                <RestoreFallbackFolders>{Dotnet.RestoredPackages}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="CobraAD.Runtime" Version="{package.Value("version")}" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), """
            using CobraAD.Runtime;

            using var detector = RobustDetector.Load(args[0]);
            ScoreResult result = detector.Score(args[1]);
            Console.WriteLine(result.Score);
            """);

        // A cache of its own: the package must come from the source above, and must not stay behind for other projects.
        Dictionary<string, string> environment = new() { ["NUGET_PACKAGES"] = model.In("packages") };
        string output = await Dotnet.RunAsync(folder, environment, "run", "-c", "Release", "--", model.Path, model.In("part.png"));

        Assert.Equal(TestModel.ScoreOf(10, 20, 30), double.Parse(output, CultureInfo.InvariantCulture), 1e-4);
    }

    [Fact]
    public async Task The_sample_of_one_file_scores_an_image()
    {
        using TestModel model = new();
        await File.WriteAllBytesAsync(model.In("part.png"), TestPicture.Plain(10, 20, 200));

        string output = await Dotnet.RunAsync(Repository.Root, new Dictionary<string, string>(), "run", "samples/score.cs", "--", model.Path, model.In("part.png"));

        Assert.StartsWith("anomalous: score ", output, StringComparison.Ordinal);
    }

    private static void AssertPresentation(PackedProject package, string id)
    {
        Assert.Equal(id, package.Value("id"));
        Assert.Equal("MIT", package.Value("license"));
        Assert.NotEmpty(package.Value("description"));
        Assert.NotEmpty(package.Value("tags"));
        Assert.Contains(package.Value("icon"), package.Files);
        Assert.StartsWith("#", package.Text(package.Value("readme")), StringComparison.Ordinal);
    }
}
