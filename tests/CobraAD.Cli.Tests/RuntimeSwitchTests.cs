using System.Text.Json.Nodes;

namespace CobraAD.Cli.Tests;

public sealed class RuntimeSwitchTests
{
    /// <summary>Named in the project file, read in the library: neither side sees when the other calls it something else.</summary>
    [Fact]
    public void The_program_tidies_memory_after_steps_and_tests_which_run_side_by_side_do_not()
    {
        const string Switch = "CobraAD.CollectAfterSteps";
        JsonNode settings = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cobra.runtimeconfig.json")))!["runtimeOptions"]!["configProperties"]!;

        Assert.True((bool)settings[Switch]!);
        Assert.False(AppContext.TryGetSwitch(Switch, out _));
    }
}
