using System.CommandLine;
using System.Text.Json;
using CobraAD.Cli.Configuration;
using CobraAD.Cli.Values;
using CobraAD.Networks.Backbones;
using CobraAD.Networks.Residual;
using CobraAD.Serialization;
using CobraAD.Training.Pretraining;

namespace CobraAD.Cli.Arguments;

/// <summary>How a backbone is trained: a preset, then a configuration file, then the options of the command line.</summary>
internal sealed class PretrainingArguments
{
    private readonly Option<PretrainingObjective?> objective = new("--objective") { Description = "supervised, simclr (labels unused) or adversarial (for ZARND); supervised by default.", HelpName = "NAME" };
    private readonly Option<string> preset = new("--preset") { Description = "Ready-made options: default (for a GPU), fast (about an hour on a CPU) or tiny (minutes).", HelpName = "NAME", DefaultValueFactory = _ => "default" };
    private readonly Option<string?> config = new("--config") { Description = "JSON file that sets any of the options that --print-config shows.", HelpName = "FILE" };
    private readonly Option<bool> printConfig = new("--print-config") { Description = "Print every option as JSON, the form that --config reads, and stop." };
    private readonly Option<ResNetVariant?> variant = new("--variant") { Description = "resNet18, resNet34, resNet50, resNet101, resNet152, wideResNet50x2 or resNet20.", HelpName = "NAME" };
    private readonly Option<ResNetStem?> stem = new("--stem") { Description = "cifar, strided or imageNet; cifar up to 64 px, imageNet above.", HelpName = "NAME" };
    private readonly Option<double?> width = new("--width") { Description = "Factor on the width of every layer.", HelpName = "FACTOR", CustomParser = NumberOption.OptionalWithin(1 / 64.0, 4) };
    private readonly Option<int?> epochs = new("--epochs") { Description = "Passes over the images.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, 1_000_000) };
    private readonly Option<int?> batchSize = new("--batch-size") { Description = "Images of one step.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(2, 65536) };
    private readonly Option<double?> epsilon = new("--epsilon") { Description = "Radius of the attack of adversarial, in pixels of [0, 1].", HelpName = "EPS", CustomParser = NumberOption.OptionalWithin(0.0, 1.0) };
    private readonly Option<int?> attackSteps = new("--attack-steps") { Description = "Steps of the attack of adversarial.", HelpName = "N", CustomParser = NumberOption.OptionalWithin(1, 1000) };

    public void AddTo(Command command)
    {
        preset.AcceptOnlyFromAmong([.. PretrainingPresets.Names]);
        foreach (Option option in (Option[])[objective, preset, config, printConfig, variant, stem, width, epochs, batchSize, epsilon, attackSteps]) command.Options.Add(option);
    }

    public bool IsPrintConfig(CommandContext context) => context.Arguments.GetValue(printConfig);

    /// <summary>The options for images of a size.</summary>
    public PretrainingOptions Resolve(CommandContext context, int imageSize)
    {
        PretrainingObjective? chosen = context.Arguments.GetValue(objective);
        PretrainingOptions options = Preset(context, chosen ?? PretrainingObjective.Supervised, imageSize);
        // A file that names another objective means that objective's preset.
        if (chosen is null) options = Preset(context, options.Objective, imageSize);
        options = Override(context, options);
        if (options.Objective != PretrainingObjective.Adversarial && (context.Arguments.GetValue(epsilon) is not null || context.Arguments.GetValue(attackSteps) is not null))
            throw new UsageException("--epsilon and --attack-steps are for --objective adversarial; the other objectives do not attack.");
        try
        {
            options.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(ConfigurationFile.Blame(context.Arguments.GetValue(config), exception.Message));
        }

        return options;
    }

    /// <summary>Prints the options in the form that <c>--config</c> reads.</summary>
    public static void Print(CommandContext context, PretrainingOptions options) => context.Console.PrintDocument(JsonSerializer.Serialize(options, CobraJson.Options));

    private PretrainingOptions Preset(CommandContext context, PretrainingObjective chosen, int imageSize)
    {
        PretrainingOptions made = PretrainingPresets.Get(context.Arguments.GetValue(preset)!, chosen, imageSize);
        return context.Arguments.GetValue(config) is { } file ? ConfigurationFile.Apply(made, file) : made;
    }

    private PretrainingOptions Override(CommandContext context, PretrainingOptions options) => options with
    {
        Seed = context.Seed ?? options.Seed,
        Objective = context.Arguments.GetValue(objective) ?? options.Objective,
        Network = options.Network with
        {
            Variant = context.Arguments.GetValue(variant) ?? options.Network.Variant,
            Stem = context.Arguments.GetValue(stem) ?? options.Network.Stem,
            WidthFactor = context.Arguments.GetValue(width) ?? options.Network.WidthFactor,
        },
        Attack = options.Attack with
        {
            Epsilon = context.Arguments.GetValue(epsilon) ?? options.Attack.Epsilon,
            Steps = context.Arguments.GetValue(attackSteps) ?? options.Attack.Steps,
        },
        Epochs = context.Arguments.GetValue(epochs) ?? options.Epochs,
        BatchSize = context.Arguments.GetValue(batchSize) ?? options.BatchSize,
    };
}
