using CobraAD.Detection;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.PrincipaLs;
using CobraAD.Methods.Released;

namespace CobraAD.Cli.Arguments;

/// <summary>The radius of the attack that a method trains against.</summary>
internal static class TrainingRadius
{
    /// <summary>Options with another radius; <see langword="null"/> when the training is not attacked.</summary>
    public static DetectorOptions? Set(DetectorOptions options, double epsilon) => options switch
    {
        CobraOptions { Attack: { } attack } cobra => cobra with { Attack = attack with { Epsilon = epsilon } },
        PrincipaLsOptions { Attack: { } attack } principaLs => principaLs with { Attack = attack with { Epsilon = epsilon } },
        ReleasedOptions released => released with { Attack = released.Attack with { Epsilon = epsilon } },
        _ => null,
    };
}
