namespace CobraAD.Cli.Values;

/// <summary>The models of a service and its watched folders, as the service's settings: one model without a name, or several products.</summary>
internal static class ServedModels
{
    /// <summary>The settings by the service's names.</summary>
    /// <param name="models">Exported models, each a path or NAME=PATH; none where the configuration names them.</param>
    /// <param name="folders">Folders to watch; with several products PRODUCT=FOLDER.</param>
    /// <exception cref="UsageException">A file cannot be a model, two products have one name, or a folder names none of them.</exception>
    public static IEnumerable<(string Name, string Value)> Settings(IReadOnlyList<string> models, IReadOnlyList<string> folders)
    {
        (string? Name, string Path)[] named = [.. models.Select(Split)];
        foreach ((_, string path) in named) ExportedModel.Require(path);
        return named is [] or [{ Name: null }] ? One(named, folders) : Several(named, folders);
    }

    private static List<(string, string)> One((string? Name, string Path)[] models, IReadOnlyList<string> folders)
    {
        if (folders.Count > 1) throw new UsageException("--watch: one model has one folder; several products have one each (--watch PRODUCT=FOLDER).");
        return [.. models.Select(model => ("Model", model.Path)), .. folders.Select(folder => ("Watch:Folder", folder))];
    }

    private static List<(string, string)> Several((string? Name, string Path)[] models, IReadOnlyList<string> folders)
    {
        string[] names = [.. models.Select(model => model.Name ?? Path.GetFileNameWithoutExtension(model.Path))];
        if (names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new UsageException($"MODEL: two products are called '{twice.Key}'. Give each a name of its own: NAME=MODEL.");
        List<(string, string)> settings = [];
        for (int i = 0; i < names.Length; i++)
        {
            settings.Add(($"Products:{i}:Name", names[i]));
            settings.Add(($"Products:{i}:Model", models[i].Path));
        }

        HashSet<int> watched = [];
        foreach (string folder in folders)
        {
            string[] parts = folder.Split('=', 2);
            int product = Array.FindIndex(names, name => name.Equals(parts[0], StringComparison.OrdinalIgnoreCase));
            if (parts.Length < 2 || product < 0) throw new UsageException($"--watch: '{folder}' names no product; expected PRODUCT=FOLDER with one of {string.Join(", ", names)}.");
            if (!watched.Add(product)) throw new UsageException($"--watch: two folders for the product {names[product]}; a product has one.");
            settings.Add(($"Products:{product}:Watch:Folder", parts[1]));
        }

        return settings;
    }

    /// <summary>A file that is there is a path, whatever its name.</summary>
    private static (string? Name, string Path) Split(string model) =>
        !File.Exists(model) && model.Split('=', 2) is [{ Length: > 0 } name, { } path] ? (name, path) : (null, model);
}
