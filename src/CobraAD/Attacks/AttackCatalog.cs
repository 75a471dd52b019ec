using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Composite;
using CobraAD.Attacks.Gradient;

namespace CobraAD.Attacks;

/// <summary>The attacks that have a name. To add one, write a file in the folder of its family and a line here.</summary>
internal static class AttackCatalog
{
    /// <summary>Each attack with its default options.</summary>
    public static IReadOnlyList<Attack> All { get; } =
    [
        new Fgsm(),
        new Pgd(),
        new MiFgsm(),
        new Apgd(),
        new Fab(),
        new Square(),
        new Simba(),
        new AutoAttack(),
        new Caa(),
        new A3(),
    ];

    /// <summary>Their names, as a recipe begins with them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(attack => attack.Name)];
}
