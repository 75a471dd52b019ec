using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;

namespace CobraAD.Tests.Attacks;

public sealed class AttackRecipeTests
{
    public static TheoryData<string> Names => [.. AttackCatalog.Names];

    [Fact]
    public void Options_are_read_by_name() => Assert.Equal(
        new Pgd { Steps = 1000, Restarts = 10, Schedule = StepSchedule.Cosine, RandomStart = true },
        AttackRecipe.Parse("pgd:steps=1000,restarts=10, schedule=cosine,random-start=true"));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_attack_writes_a_recipe_that_reads_back(string name)
    {
        Attack attack = AttackRecipe.Parse(name);

        Assert.Equal(attack, AttackRecipe.Parse(attack.ToString()));
    }

    [Fact]
    public void Changed_options_survive_the_recipe()
    {
        Pgd attack = new() { Steps = 7, Factor = 1.25, IncludeFgsm = false };

        Assert.Equal("pgd:steps=7,restarts=1,schedule=automatic,factor=1.25,random-start=false,include-fgsm=false", attack.ToString());
        Assert.Equal(attack, AttackRecipe.Parse(attack.ToString()));
    }

    [Theory]
    [InlineData("pgdd", "Valid attacks: fgsm, pgd")]
    [InlineData("pgd:step=4", "Valid options: steps, restarts")]
    [InlineData("pgd:steps=four", "Expected: a whole number")]
    [InlineData("pgd:schedule=fast", "Expected: automatic, constant, cosine")]
    [InlineData("pgd:steps", "has no value")]
    [InlineData("fgsm:steps=4", "has no options")]
    public void Mistakes_are_answered_with_what_is_valid(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => AttackRecipe.Parse(text)).Message);

    [Fact]
    public void Options_outside_their_range_are_refused() =>
        Assert.Contains("Steps must be between 1", Assert.Throws<ArgumentOutOfRangeException>(() => AttackRecipe.Parse("pgd:steps=0")).Message);

    [Fact]
    public void Several_attacks_are_separated_by_spaces_or_semicolons() =>
        Assert.Equal(["fgsm", "pgd", "mi-fgsm"], AttackRecipe.ParseMany("fgsm pgd:steps=5;mi-fgsm").Select(attack => attack.Name));
}
