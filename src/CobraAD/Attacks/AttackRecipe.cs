using System.Globalization;
using System.Reflection;
using System.Text;
using CobraAD.Attacks.BlackBox;
using CobraAD.Attacks.Composite;
using CobraAD.Attacks.Gradient;

namespace CobraAD.Attacks;

/// <summary>Reads and writes attacks as text: a name, and options as "name:option=value,option=value".</summary>
public static class AttackRecipe
{
    private static readonly Attack[] Prototypes = [new Fgsm(), new Pgd(), new MiFgsm(), new Apgd(), new Fab(), new Square(), new Simba(), new AutoAttack(), new Caa(), new A3()];

    /// <summary>The names of all attacks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Prototypes.Select(attack => attack.Name)];

    /// <summary>Each attack with its default options.</summary>
    public static IReadOnlyList<Attack> Defaults => Prototypes;

    /// <summary>Reads one attack, e.g. "pgd:steps=1000,restarts=10".</summary>
    /// <param name="text">The recipe; options left out keep their defaults.</param>
    /// <exception cref="FormatException">An unknown name, an unknown option or a value that cannot be read; the message lists what is valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static Attack Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':', 2, StringSplitOptions.TrimEntries);
        Attack prototype = Prototypes.FirstOrDefault(attack => attack.Name.Equals(parts[0], StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException($"Unknown attack '{parts[0]}'. Valid attacks: {string.Join(", ", Names)}.");
        Attack attack = (Attack)Activator.CreateInstance(prototype.GetType())!;
        if (parts.Length == 2)
        {
            foreach (string assignment in parts[1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) Set(attack, assignment);
        }

        attack.Validate();
        return attack;
    }

    /// <summary>Reads several attacks separated by spaces or semicolons.</summary>
    /// <param name="text">The recipes.</param>
    /// <exception cref="FormatException">There is none, or one cannot be read.</exception>
    public static IReadOnlyList<Attack> ParseMany(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] recipes = text.Split([';', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (recipes.Length == 0) throw new FormatException($"No attack given. Valid attacks: {string.Join(", ", Names)}.");
        return [.. recipes.Select(Parse)];
    }

    internal static string Write(Attack attack)
    {
        string[] options =
        [
            .. from property in Options(attack)
               let value = property.GetValue(attack)
               where value is not null
               select $"{OptionName(property)}={Format(value)}",
        ];
        return options.Length == 0 ? attack.Name : $"{attack.Name}:{string.Join(",", options)}";
    }

    private static void Set(Attack attack, string assignment)
    {
        string[] parts = assignment.Split('=', 2, StringSplitOptions.TrimEntries);
        PropertyInfo[] options = [.. Options(attack)];
        PropertyInfo option = options.FirstOrDefault(property => OptionName(property).Equals(parts[0], StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException(options.Length == 0
                ? $"Attack '{attack.Name}' has no options, found '{assignment}'."
                : $"Attack '{attack.Name}' has no option '{parts[0]}'. Valid options: {string.Join(", ", options.Select(OptionName))}.");
        if (parts.Length != 2) throw new FormatException($"Option '{parts[0]}' of attack '{attack.Name}' has no value. Write {parts[0]}=VALUE.");
        option.SetValue(attack, Read(attack, option, parts[1]));
    }

    private static object Read(Attack attack, PropertyInfo option, string text)
    {
        Type type = Nullable.GetUnderlyingType(option.PropertyType) ?? option.PropertyType;
        if (type == typeof(int) && int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int whole)) return whole;
        if (type == typeof(double) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real)) return real;
        if (type == typeof(string)) return text;
        if (type == typeof(bool) && bool.TryParse(text, out bool flag)) return flag;
        if (type.IsEnum)
        {
            foreach (object value in Enum.GetValues(type))
            {
                if (Kebab(value.ToString()!).Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
            }
        }

        string expected = type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(Kebab))
            : type == typeof(bool) ? "true, false"
            : type == typeof(int) ? "a whole number" : "a number";
        throw new FormatException($"Option '{OptionName(option)}' of attack '{attack.Name}' cannot be '{text}'. Expected: {expected}.");
    }

    // Base types declare no options, so declaration order is the order in the recipe.
    private static IEnumerable<PropertyInfo> Options(Attack attack) => attack.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(property => property.CanWrite);

    private static string OptionName(PropertyInfo property) => Kebab(property.Name);

    private static string Format(object value) => value is Enum or bool ? Kebab(value.ToString()!) : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Kebab(string pascal)
    {
        StringBuilder text = new();
        foreach (char letter in pascal)
        {
            if (char.IsUpper(letter) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
