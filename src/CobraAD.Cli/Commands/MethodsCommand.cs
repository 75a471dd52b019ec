using System.CommandLine;
using CobraAD.Detection;
using CobraAD.Methods;
using Spectre.Console;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra methods</c></summary>
internal static class MethodsCommand
{
    public static Command Create(CommandHost host)
    {
        Command command = new("methods", "List the detection methods that train --method knows, and what each needs.");
        host.SetAction(command, Run);
        return command;
    }

    private static void Run(CommandContext context)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("method", "what", "needs besides good images", "presets");
        foreach (IDetectionMethod method in DetectionMethods.All)
        {
            string presets = string.Join(", ", method.Presets.Select(preset => preset == method.DefaultPreset ? $"{preset} (default)" : preset));
            table.AddRow(Markup.Escape(method.Name), Markup.Escape(method.Title), Markup.Escape(method.Needs), Markup.Escape(presets));
        }

        context.Console.Print(table);
        context.Console.PrintJson(DetectionMethods.All.Select(method => new { method.Name, method.Title, method.Needs, method.Presets, method.DefaultPreset, method.CanResume }));
    }
}
