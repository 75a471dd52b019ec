using System.Globalization;
using System.Reflection;
using System.Text;

namespace CobraAD.Attacks;

/// <summary>An attack's options as text: its public init properties by their names in kebab case, so that a new option needs no line anywhere.</summary>
internal static class RecipeText
{
    /// <summary>The recipe of an attack, every option that has a value included.</summary>
    public static string Write(Attack attack)
    {
        string[] options =
        [
            .. from property in Options(attack)
               let value = property.GetValue(attack)
               where value is not null
               select $"{NameOf(property)}={Format(value)}",
        ];
        return options.Length == 0 ? attack.Name : $"{attack.Name}:{string.Join(",", options)}";
    }

    /// <summary>Sets the option of one "option=value".</summary>
    /// <exception cref="FormatException">The attack has no such option, or it cannot have such a value.</exception>
    public static void Assign(Attack attack, string assignment)
    {
        string[] parts = assignment.Split('=', 2, StringSplitOptions.TrimEntries);
        PropertyInfo[] options = [.. Options(attack)];
        PropertyInfo option = options.FirstOrDefault(property => NameOf(property).Equals(parts[0], StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException(options.Length == 0
                ? $"Attack '{attack.Name}' has no options, found '{assignment}'."
                : $"Attack '{attack.Name}' has no option '{parts[0]}'. Valid options: {string.Join(", ", options.Select(NameOf))}.");
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
        throw new FormatException($"Option '{NameOf(option)}' of attack '{attack.Name}' cannot be '{text}'. Expected: {expected}.");
    }

    // Base types declare no options, so declaration order is the order in the recipe.
    private static IEnumerable<PropertyInfo> Options(Attack attack) => attack.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(property => property.CanWrite);

    private static string NameOf(PropertyInfo property) => Kebab(property.Name);

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
