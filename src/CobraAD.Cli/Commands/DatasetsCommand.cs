using System.CommandLine;
using CobraAD.Datasets;
using CobraAD.Datasets.Paper;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra datasets</c>: the data sets of the paper, where to get them, and whether a folder has them.</summary>
internal sealed class DatasetsCommand
{
    private readonly Option<string?> check = new("--check") { Description = "Folder of data sets: look for each, and read what is there.", HelpName = "DIR" };

    public static Command Create(CommandHost host)
    {
        DatasetsCommand datasets = new();
        Command command = new("datasets", "List the paper's data sets: where to get each, its licence and layout; check a folder of them.");
        command.Options.Add(datasets.check);
        host.SetAction(command, datasets.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        string? folder = context.Arguments.GetValue(check);
        if (folder is not null)
        {
            context.LoadTorch();
            if (!Directory.Exists(folder)) throw new DatasetException($"The folder of data sets '{folder}' does not exist.");
        }

        List<object> listed = [];
        foreach (PaperDataset dataset in PaperDatasets.All)
        {
            DatasetCheck? found = folder is null ? null : DatasetCheck.Of(dataset, folder, context.Cancellation);
            context.Console.Print($"{dataset.Key,-12}{dataset.Title} ({dataset.PaperSize} px; licence: {dataset.Licence})");
            context.Console.Print($"            from {dataset.Origin}");
            context.Console.Print($"            in {string.Join(" or ", dataset.FolderNames.Prepend(dataset.Key))}: {dataset.Expected}");
            if (found is not null) context.Console.Print($"            {found.Summary}");
            listed.Add(new { dataset.Key, dataset.Title, dataset.PaperSize, dataset.Licence, dataset.Origin, dataset.Expected, dataset.FolderNames, Check = found });
        }

        context.Console.PrintJson(listed);
    }
}
