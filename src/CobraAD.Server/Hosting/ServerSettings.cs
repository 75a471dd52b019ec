namespace CobraAD.Server.Hosting;

/// <summary>Where options come from: <c>appsettings.json</c>, then the environment, then the command line.</summary>
internal static class ServerSettings
{
    private const string Section = "Cobra";
    private const string Prefix = "COBRA_";

    /// <summary>Reads all sources.</summary>
    /// <param name="commandLine">Options by name, e.g. "ApiKey"; those of parts with a colon, e.g. "Watch:Folder".</param>
    /// <param name="folder">Where <c>appsettings.json</c> may lie.</param>
    public static IConfigurationRoot Read(IReadOnlyDictionary<string, string?> commandLine, string folder) => new ConfigurationBuilder()
        .SetBasePath(folder)
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .AddInMemoryCollection(ShortVariables())
        .AddInMemoryCollection(commandLine.Select(option => KeyValuePair.Create($"{Section}:{option.Key}", option.Value)))
        .Build();

    /// <summary>The options that the sources say, checked.</summary>
    /// <param name="configuration">The sources.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public static ServerOptions Options(IConfiguration configuration)
    {
        ServerOptions options;
        try
        {
            options = configuration.GetSection(Section).Get<ServerOptions>() ?? new ServerOptions();
        }
        catch (InvalidOperationException exception)
        {
            throw new ArgumentException($"{exception.Message} {exception.InnerException?.Message}".TrimEnd(), exception);
        }

        options.Validate();
        return options;
    }

    /// <summary>COBRA_API_KEY is ApiKey, COBRA_WATCH__FOLDER is Watch:Folder.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> ShortVariables()
    {
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) continue;
            string option = name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
            yield return KeyValuePair.Create($"{Section}:{option}", (string?)variable.Value);
        }
    }
}
