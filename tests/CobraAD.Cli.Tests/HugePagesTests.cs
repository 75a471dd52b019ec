namespace CobraAD.Cli.Tests;

public sealed class HugePagesTests
{
    [Theory]
    [InlineData("train", null, "always [madvise] never", true)]
    [InlineData("info", null, "always [madvise] never", false)]
    [InlineData("train", "glibc.malloc.hugetlb=0", "always [madvise] never", false)]
    [InlineData("train", null, "[always] madvise never", false)]
    [InlineData("train", null, "always madvise [never]", false)]
    public void They_are_asked_for_where_they_help_and_nobody_said_otherwise(string command, string? tunables, string modes, bool help) =>
        Assert.Equal(help, HugePages.Help([command, "parts"], tunables, modes));

    [SkippableTheory]
    [InlineData(null, 2)]
    [InlineData("glibc.malloc.hugetlb=0", 1)]
    public async Task The_program_starts_anew_once_as_the_same_process(string? tunables, int starts)
    {
        const string Modes = "/sys/kernel/mm/transparent_hugepage/enabled";
        Skip.IfNot(File.Exists(Modes) && HugePages.Help(["train"], null, await File.ReadAllTextAsync(Modes)), "Large pages are not by request here.");

        // With tracing on, the dynamic loader says when it hands over to the program.
        (int exitCode, _, string trace) = await CommandLine.Start(
            new Dictionary<string, string?> { ["LD_DEBUG"] = "files", ["GLIBC_TUNABLES"] = tunables }, "train", "--epochs", "many words");

        string[] programs = [.. trace.Split('\n').Where(line => line.Contains("transferring control: ", StringComparison.Ordinal))];
        Assert.Equal(2, exitCode);
        Assert.Equal(starts, programs.Length);
        Assert.Single(programs.Select(line => line.Split(':')[0].Trim()).Distinct());
        Assert.Contains("many words", trace, StringComparison.Ordinal);
    }
}
