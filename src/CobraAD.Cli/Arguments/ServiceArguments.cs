using System.CommandLine;
using System.Text.RegularExpressions;

namespace CobraAD.Cli.Arguments;

/// <summary>The options that <c>serve</c> and <c>watch</c> share. Values stay text: the service itself reads and checks them, wherever they come from.</summary>
internal sealed class ServiceArguments
{
    private readonly Option<string?> database = new("--database") { Description = "An SQLite file, or a PostgreSQL connection string (Host=…, postgresql://…).", HelpName = "DATABASE" };
    private readonly Option<string?> keepImages = new("--keep-images") { Description = "none, thumbnails (the default) or originals.", HelpName = "WHAT" };
    private readonly Option<string?> threshold = new("--threshold") { Description = "Raw score above which a part is anomalous; the model's own by default.", HelpName = "SCORE" };
    private readonly Option<string?> parallelism = new("--parallelism") { Description = "Images scored at the same time; one per core by default.", HelpName = "N" };
    private readonly Option<string[]> set = new("--set") { Description = "Any other option of the service, e.g. --set MaxPixels=20000000.", HelpName = "NAME=VALUE" };

    /// <summary>The options with the service's names for them.</summary>
    private (string Name, Option<string?> Option)[] Shared => [("Database", database), ("KeepImages", keepImages), ("Threshold", threshold), ("Parallelism", parallelism)];

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[database, keepImages, threshold, parallelism, set]) command.Options.Add(option);
    }

    /// <summary>The options that were given, by the service's names.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="own">The options of the command that are not shared, each with the service's name for it.</param>
    /// <exception cref="UsageException">A setting has no value.</exception>
    public Dictionary<string, string?> Read(ParseResult arguments, IEnumerable<(string Name, Option<string?> Option)> own)
    {
        Dictionary<string, string?> settings = [];
        Take(Shared);
        foreach (string setting in arguments.GetValue(set) ?? [])
        {
            string[] parts = setting.Split('=', 2);
            if (parts.Length != 2) throw new UsageException($"--set: '{setting}' is not NAME=VALUE.");
            settings[parts[0]] = parts[1];
        }

        // What is said by its own option stands.
        Take(own);
        return settings;

        void Take(IEnumerable<(string Name, Option<string?> Option)> options)
        {
            foreach ((string name, Option<string?> option) in options)
            {
                if (arguments.GetValue(option) is { } value) settings[name] = value;
            }
        }
    }

    /// <summary>Runs the service; an option that it cannot use is wrong usage.</summary>
    /// <param name="settings">What the command line sets, by the service's names.</param>
    /// <param name="service">The service.</param>
    /// <param name="own">The options of the command that are not shared, each with the service's name for it.</param>
    /// <exception cref="UsageException">An option cannot be used.</exception>
    public void Guard(IReadOnlyDictionary<string, string?> settings, Func<Task> service, IEnumerable<(string Name, Option<string?> Option)> own)
    {
        try
        {
            service().GetAwaiter().GetResult();
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(AsGiven(exception, settings, [.. Shared, .. own]));
        }
    }

    /// <summary>
    /// The service's words. About an option of the command line they call it as it is there; about one that came from the environment or a file they keep the service's name.
    /// </summary>
    private static string AsGiven(ArgumentException exception, IReadOnlyDictionary<string, string?> settings, IReadOnlyList<(string Name, Option<string?> Option)> options)
    {
        string message = exception.Message;
        if (options.FirstOrDefault(option => settings.ContainsKey(option.Name) && exception.ParamName is { } about && (about == option.Name || about == Last(option.Name))) is not { Option: { } culprit }) return message;
        foreach ((string name, Option<string?> option) in options) message = Regex.Replace(message, $@"(?<![\w:'/.])(?:{name}|{Last(name)})(?![\w:'/.=])", option.Name);
        return message.Contains(culprit.Name, StringComparison.Ordinal) ? message : $"{culprit.Name}: {message}";

        static string Last(string name) => name.Split(':')[^1];
    }
}
