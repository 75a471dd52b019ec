using System.CommandLine;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Evaluation.Parts;
using CobraAD.Reporting;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra check DATA</c></summary>
internal sealed class CheckCommand
{
    private const int MostNamed = 5;

    private readonly DataArguments data = new();
    private readonly Option<string?> report = new("--report") { Description = "Folder for check.html, with pictures, and check.json.", HelpName = "DIR" };
    private readonly Option<bool> strict = new("--strict") { Description = "End with exit code 1 if anything is found." };
    private readonly Option<double> falseAlarms = new("--false-alarms")
    {
        Description = "The chance that any image of a flawless set is called an outlier, for each measure.",
        HelpName = "RATE",
        DefaultValueFactory = _ => new DataCheckOptions().FalseAlarmRate,
        CustomParser = NumberOption.Within(1e-9, 0.5),
    };

    public static Command Create(CommandHost host)
    {
        CheckCommand check = new();
        Command command = new("check", "Look at images before training: copies, leaks into the test, images unlike the others, odd sizes, exposure and focus.");
        check.data.AddTo(command);
        foreach (Option option in (Option[])[check.report, check.strict, check.falseAlarms]) command.Options.Add(option);
        host.SetAction(command, check.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        string path = data.Require(context);
        if (context.Arguments.GetValue(report) is { } folder) OutputFile.RequireFolder(report.Name, folder);
        DataCheckOptions options = new() { Data = data.OptionsOf(context), FalseAlarmRate = context.Arguments.GetValue(falseAlarms) };
        using DataCheckResult result = context.Console.Track(board => DataCheck.Run(path, options, context.OpenDevice(), new CheckDisplay(board), context.Cancellation));
        int training = result.Images.Count(image => image.IsTraining);
        context.Console.Print($"{result.Data}: {training} training images, {result.Images.Count - training} test images, compared by {result.Features}");
        foreach (DataFinding finding in result.Findings)
        {
            context.Console.Print("");
            context.Console.Print(finding.Message);
            for (int i = 0; i < Math.Min(MostNamed, finding.Files.Count); i++) context.Console.Print($"  {finding.Files[i]}: {finding.Details[i]}");
            if (finding.Files.Count > MostNamed) context.Console.Print($"  and {finding.Files.Count - MostNamed} more{(context.Arguments.GetValue(report) is null ? "; --report DIR writes all of them" : "")}");
            context.Console.Print($"  {finding.Advice}");
        }

        if (result.Findings.Count == 0) context.Console.Print("Nothing odd was found.");
        context.Console.PrintJson(result);
        if (context.Arguments.GetValue(report) is { } target) context.Console.Say($"Report with pictures: {result.Write(target)}");
        if (context.Arguments.GetValue(strict) && result.Findings.Count > 0)
            throw new InvalidDataException($"{result.Findings.Count} {(result.Findings.Count == 1 ? "finding" : "findings")} about {result.Data} (--strict).");
    }
}
