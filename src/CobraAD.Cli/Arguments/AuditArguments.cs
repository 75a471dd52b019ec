using System.CommandLine;
using CobraAD.Attacks;
using CobraAD.Cli.Values;
using CobraAD.Detection;
using CobraAD.Evaluation.Audit;

namespace CobraAD.Cli.Arguments;

/// <summary>What an audit may cost and what it gets to compare with; shared by the commands that run one.</summary>
internal sealed class AuditArguments
{
    private readonly Option<Budget?> budget = TextOption.OfValue(
        "--budget", "What the audit may cost: smoke, quick (default), standard or paper; sets its steps, restarts, queries and images.", "BUDGET", ParseBudget);
    private readonly Option<string?> twin = new("--twin") { Description = "An undefended .cobra model of the same images, for the audit's transfer check.", HelpName = "MODEL" };

    public void AddTo(Command command)
    {
        command.Options.Add(budget);
        command.Options.Add(twin);
    }

    /// <summary>Whether any of them is given.</summary>
    public bool IsGiven(CommandContext context) => context.Arguments.GetValue(budget) is not null || context.Arguments.GetValue(twin) is not null;

    /// <summary>Loads what the audit compares with; the caller disposes it. <see langword="null"/> where nothing was given.</summary>
    public ITrainedDetector? OpenTwin(CommandContext context, DetectorSubject detector) =>
        context.Arguments.GetValue(twin) is { } path ? Detector.Load(InputFile.Existing(twin.Name, path), detector.Detector.Device) : null;

    /// <summary>An audit asks what an attacker can do; one who may do nothing is a mistake.</summary>
    public static void RequireRadius(double? radius)
    {
        if (radius == 0) throw new UsageException("An audit needs a radius above 0: --epsilon 4/255 is four grey levels.");
    }

    /// <summary>How the audit is carried out.</summary>
    /// <param name="context">The command line.</param>
    /// <param name="undefended">From <see cref="OpenTwin"/>.</param>
    /// <param name="samples">Test images of each class; <see langword="null"/> for the budget's.</param>
    /// <param name="batchSize">Images of one pass.</param>
    public AuditOptions Read(CommandContext context, ITrainedDetector? undefended, int? samples, int batchSize) => new()
    {
        Budget = context.Arguments.GetValue(budget) ?? new AuditOptions().Budget,
        SamplesPerClass = samples,
        BatchSize = batchSize,
        Seed = context.Seed ?? 0,
        Twin = undefended,
    };

    private static Budget ParseBudget(string text) =>
        Enum.TryParse(text, ignoreCase: true, out Budget budget) && Enum.IsDefined(budget) && !char.IsAsciiDigit(text[0])
            ? budget
            : throw new FormatException($"'{text}' is not a budget. Valid budgets: smoke, quick, standard, paper.");
}
