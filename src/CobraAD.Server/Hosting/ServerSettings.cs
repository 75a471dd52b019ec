using System.ComponentModel;
using System.Text.RegularExpressions;
using CobraAD.Server.Watching;

namespace CobraAD.Server.Hosting;

/// <summary>Where options come from: <c>appsettings.json</c>, then the environment, then the command line.</summary>
internal static partial class ServerSettings
{
    private const string Section = "Cobra";
    private const string Prefix = "COBRA_";

    /// <summary>The options by name, and what each is.</summary>
    private static readonly Dictionary<string, Type> Known = new(
        [
            .. Of<ServerOptions>(""), .. Of<WatchOptions>($"{nameof(ServerOptions.Watch)}:"), .. Of<ProductOptions>($"{nameof(ServerOptions.Products)}:0:"),
            .. Of<WatchOptions>($"{nameof(ServerOptions.Products)}:0:{nameof(ProductOptions.Watch)}:"),
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads all sources.</summary>
    /// <param name="commandLine">Options by name, e.g. "ApiKey"; those of parts with a colon, e.g. "Watch:Folder".</param>
    /// <param name="folder">Where <c>appsettings.json</c> may lie.</param>
    /// <exception cref="ArgumentException">A source cannot be read, or names an option that does not exist.</exception>
    public static IConfigurationRoot Read(IReadOnlyDictionary<string, string?> commandLine, string folder)
    {
        IConfigurationRoot configuration;
        try
        {
            configuration = new ConfigurationBuilder()
                .SetBasePath(folder)
                .AddJsonFile("appsettings.json", optional: true)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(ShortVariables())
                .AddInMemoryCollection(commandLine.Select(option => KeyValuePair.Create($"{Section}:{option.Key}", option.Value)))
                .Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"{exception.Message} {exception.InnerException?.Message}".TrimEnd(), exception);
        }

        // An option that is not read must not look as if it were: a misspelt ApiKey would leave the door open.
        foreach (string name in configuration.GetSection(Section).AsEnumerable(makePathsRelative: true).Select(entry => entry.Key))
        {
            // Products have a number: what is known of the first is known of all.
            string known = ProductNumber().Replace(name, "${list}:0");
            if (name.Length > 0 && !known.Equals("Products:0", StringComparison.OrdinalIgnoreCase) && !Known.ContainsKey(known)) throw Unknown(name);
        }

        return configuration;
    }

    /// <summary>The options that the sources say, checked.</summary>
    /// <param name="configuration">The sources.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public static ServerOptions Options(IConfiguration configuration)
    {
        foreach ((string name, string? value) in configuration.GetSection(Section).AsEnumerable(makePathsRelative: true))
        {
            if (!string.IsNullOrEmpty(value) && Known.TryGetValue(ProductNumber().Replace(name, "${list}:0"), out Type? type)) RequireFit(Known.Keys.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name, value, type);
        }

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
            // Other variables of cobra begin alike, such as COBRA_LIBTORCH; only what looks like a misspelt option is one.
            if (!Known.ContainsKey(ProductNumber().Replace(option, "${list}:0")) && Distance(option, Nearest(option)) > 2) continue;
            yield return KeyValuePair.Create($"{Section}:{option}", (string?)variable.Value);
        }
    }

    /// <summary>A value is what its option takes: the binder would name its own types.</summary>
    private static void RequireFit(string name, string value, Type type)
    {
        Type needed = Nullable.GetUnderlyingType(type) ?? type;
        TypeConverter converter = TypeDescriptor.GetConverter(needed);
        if (!converter.CanConvertFrom(typeof(string))) return;
        try
        {
            converter.ConvertFromInvariantString(value);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new ArgumentException($"{name} must be {InWords(needed)}, found '{value}'.", name, exception);
        }
    }

    private static string InWords(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type).Select(value => value.ToLowerInvariant()))}",
        TypeCode.Int32 => $"a whole number, {int.MaxValue} at most",
        TypeCode.Int64 => $"a whole number, {long.MaxValue} at most",
        TypeCode.Double => "a number",
        _ when type == typeof(TimeSpan) => "an amount of time such as 00:00:02.5",
        _ when type == typeof(Uri) => "an address such as http://collector:4317",
        _ => $"a {type.Name}",
    };

    private static IEnumerable<KeyValuePair<string, Type>> Of<T>(string prefix) => typeof(T).GetProperties().Select(option => KeyValuePair.Create(prefix + option.Name, option.PropertyType));

    [GeneratedRegex("^(?<list>Products):[0-9]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ProductNumber();

    private static ArgumentException Unknown(string name)
    {
        string asked = ProductNumber().Replace(name, "${list}:0"), nearest = Nearest(asked);
        string meant = ProductNumber().Match(name) is { Success: true, Value: var product } ? ProductNumber().Replace(nearest, product) : nearest;
        string hint = Distance(asked, nearest) <= 2 ? $" Did you mean {meant}?" : " docs/guide/deploy.md lists them.";
        return new ArgumentException($"There is no option {name}.{hint}");
    }

    private static string Nearest(string name) => Known.Keys.MinBy(known => Distance(name, known))!;

    /// <summary>How many letters must be put in, taken out or replaced (Levenshtein's distance), or two neighbours exchanged.</summary>
    private static int Distance(string one, string other)
    {
        (one, other) = (one.ToUpperInvariant(), other.ToUpperInvariant());
        int[,] cost = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++) cost[i, 0] = i;
        for (int j = 0; j <= other.Length; j++) cost[0, j] = j;
        for (int i = 1; i <= one.Length; i++)
        {
            for (int j = 1; j <= other.Length; j++)
            {
                int replaced = cost[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]) cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }

        return cost[one.Length, other.Length];
    }
}
