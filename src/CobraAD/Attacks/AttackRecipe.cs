namespace CobraAD.Attacks;

/// <summary>Reads attacks written as text: a name of the <see cref="AttackCatalog"/>, and options as "name:option=value,option=value".</summary>
public static class AttackRecipe
{
    /// <summary>Reads one attack, e.g. "pgd:steps=1000,restarts=10".</summary>
    /// <param name="text">The recipe; options left out keep their defaults.</param>
    /// <exception cref="FormatException">An unknown name, an unknown option or a value that cannot be read; the message lists what is valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static Attack Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':', 2, StringSplitOptions.TrimEntries);
        Attack prototype = AttackCatalog.All.FirstOrDefault(attack => attack.Name.Equals(parts[0], StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException($"Unknown attack '{parts[0]}'. Valid attacks: {string.Join(", ", AttackCatalog.Names)}.");
        Attack attack = (Attack)Activator.CreateInstance(prototype.GetType())!;
        if (parts.Length == 2)
        {
            foreach (string assignment in parts[1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                RecipeText.Assign(attack, assignment);
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
        if (recipes.Length == 0) throw new FormatException($"No attack given. Valid attacks: {string.Join(", ", AttackCatalog.Names)}.");
        return [.. recipes.Select(Parse)];
    }
}
