using System.CommandLine;

namespace CobraAD.Cli.Arguments;

/// <summary>The options that <c>serve</c> and <c>watch</c> share. Values stay text: the service itself reads and checks them, wherever they come from.</summary>
internal sealed class ServiceArguments
{
    private readonly Option<string?> database = new("--database") { Description = "An SQLite file, or a PostgreSQL connection string (Host=…, postgresql://…).", HelpName = "DATABASE" };
    private readonly Option<string?> keepImages = new("--keep-images") { Description = "none, thumbnails (the default) or originals.", HelpName = "WHAT" };
    private readonly Option<string?> threshold = new("--threshold") { Description = "Raw score above which a part is anomalous; the model's own by default.", HelpName = "SCORE" };
    private readonly Option<string?> parallelism = new("--parallelism") { Description = "Images scored at the same time; one per core by default.", HelpName = "N" };
    private readonly Option<string[]> set = new("--set") { Description = "Any other option of the service, e.g. --set MaxPixels=20000000.", HelpName = "NAME=VALUE" };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[database, keepImages, threshold, parallelism, set]) command.Options.Add(option);
    }

    /// <summary>The options that were given, by the service's names.</summary>
    /// <exception cref="UsageException">A setting has no value.</exception>
    public Dictionary<string, string?> Read(ParseResult arguments)
    {
        Dictionary<string, string?> settings = [];
        foreach ((string name, Option<string?> option) in (ReadOnlySpan<(string, Option<string?>)>)
            [("Database", database), ("KeepImages", keepImages), ("Threshold", threshold), ("Parallelism", parallelism)])
        {
            if (arguments.GetValue(option) is { } value) settings[name] = value;
        }

        foreach (string setting in arguments.GetValue(set) ?? [])
        {
            string[] parts = setting.Split('=', 2);
            if (parts.Length != 2) throw new UsageException($"--set: '{setting}' is not NAME=VALUE.");
            settings[parts[0]] = parts[1];
        }

        return settings;
    }

    /// <summary>Runs the service; an option that it cannot use is wrong usage.</summary>
    /// <exception cref="UsageException">An option cannot be used.</exception>
    public static void Guard(Func<Task> service)
    {
        try
        {
            service().GetAwaiter().GetResult();
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message);
        }
    }
}
