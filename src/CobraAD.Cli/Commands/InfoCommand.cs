using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CobraAD.Attacks;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Tables;
using CobraAD.Cli.Values;
using CobraAD.Detection;
using CobraAD.Evaluation.Devices;
using CobraAD.Methods;
using CobraAD.Methods.Cobra;
using CobraAD.Methods.Tiles;
using CobraAD.Serialization;
using CobraAD.Torch;
using CobraAD.Training;
using TorchSharp;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra info [MODEL]</c>: what a model file says about itself; without one, the system that cobra runs on.</summary>
internal sealed class InfoCommand
{
    private readonly Argument<string?> model = new("MODEL") { Description = "A .cobra file; without one, this system is shown.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<bool> gpuCheck = new("--gpu-check") { Description = "Compare what the CUDA device computes with what the CPU computes: networks, attacks, trainings in float32, TF32 and bfloat16." };

    public static Command Create(CommandHost host)
    {
        InfoCommand info = new();
        Command command = new("info", "Show what a model file holds, or this system: libtorch, threads and devices.");
        command.Arguments.Add(info.model);
        command.Options.Add(info.gpuCheck);
        host.SetAction(command, info.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        bool isCheck = context.Arguments.GetValue(gpuCheck);
        if (isCheck && context.Arguments.GetValue(model) is not null) throw new UsageException($"{gpuCheck.Name} checks this system; it takes no MODEL.");
        if (isCheck) CheckDevice(context);
        else if (context.Arguments.GetValue(model) is { } path) DescribeModel(context.Console, InputFile.Existing(model.Name, path));
        else DescribeSystem(context);
    }

    private static void DescribeModel(CommandConsole console, string path)
    {
        IModelCard card = DetectionMethods.LoadCard(path);
        console.Print($"model           {card.Name}, preset {card.Options.Preset}, seed {card.Options.Seed}");
        console.Print($"images          {card.Data.Width} × {card.Data.Height} pixels{(card.Data.Framing is { } framing ? $": {FramingText.Of(framing)}" : "")}");
        (int kept, bool heldOut) = card.History is [{ Before: var first }, ..] ? (first.Count, first.HeldOut) : (card.Calibration.Count, card.Calibration.HeldOut);
        console.Print($"trained on      {card.Data.Name} ({card.Data.Protocol}), {card.Data.Images - (heldOut ? kept : 0)} images{(heldOut ? $" and {kept} for the threshold" : "")}, {card.Data.Fingerprint[..16]}…, in {Duration.InWords(TimeSpan.FromSeconds(card.TrainingSeconds))}");
        TiledModelCard? tiled = card as TiledModelCard;
        if (tiled is not null) foreach (string line in TileText.Of(tiled)) console.Print(line);
        if ((tiled?.Tile ?? card) is CobraModelCard cobra) DescribeCobra(console, cobra);
        console.Print($"threshold       {card.Calibration.Threshold.ToString("G10", CultureInfo.InvariantCulture)}: {Promise(card.Calibration)}");
        foreach (ModelUpdate update in card.History) console.Print($"updated         {UpdateCommand.Describe(update)}");
        if (card.History is [.., { Promise: { } promise }]) console.Print($"                {promise}");
        JsonNode shown = JsonSerializer.SerializeToNode(card, card.GetType(), CobraJson.Options)!;
        // Megabytes that mean nothing to a reader.
        shown["data"]!.AsObject().Remove("marks");
        foreach (JsonNode? update in shown["history"]?.AsArray() ?? []) update!.AsObject().Remove("marks");
        if (tiled is not null)
        {
            JsonNode tile = JsonSerializer.SerializeToNode(tiled.Tile, tiled.Tile.GetType(), CobraJson.Options)!;
            tile["data"]!.AsObject().Remove("marks");
            tile.AsObject().Remove("history");
            shown["tile"] = tile;
        }

        console.PrintJson(shown);
    }

    /// <summary>What a threshold promises: nothing that can be proven where it comes from images that the detector knows.</summary>
    public static string Promise(ScoreCalibration calibration) => calibration.FalseAlarmBound >= 1 && calibration.HeldOut
        ? $"false alarms {Percent(calibration.FalseAlarmRate)} asked for, none promised any more: the bank has changed since"
        : calibration.HeldOut
        ? $"false alarms {Percent(calibration.FalseAlarmRate)} asked for, at most {Percent(calibration.FalseAlarmBound)} with 95 % confidence ({calibration.Count} good images)"
        : $"false alarms {Percent(calibration.FalseAlarmRate)} asked for, none promised: it comes from the {calibration.Count} training images, which is optimistic";

    private static void DescribeCobra(CommandConsole console, CobraModelCard card)
    {
        console.Print($"network         {card.Options.Network.Encoder.Stem} stem, width {Number(card.Options.Network.Encoder.WidthFactor)}{(card.Options.Network.Members is > 1 and int several ? $", {several} side by side" : "")}");
        console.Print($"training        {card.Health.Epochs.Count} epochs{(card.Options.Precision == TrainingPrecision.BFloat16 ? " in bfloat16" : "")}, last loss {Number(card.Health.Epochs[^1].Loss)}");
        console.Print($"attack          {(card.Options.Attack is { } attack ? $"{new ThreatModel(Norm.Linf, attack.Epsilon)}, {attack.Describe()}" : "none")}");
        if (card.Health.Score is { } choice) ScoreText.Print(console, choice);
        foreach (string line in MirrorText.Of(card.Health)) console.Print(line);
        console.Print($"anomaly source  {card.Health.PseudoAnomalies.Source}");
        if (card.Health.PseudoAnomalies.Health is { ValidationShareBelow: { } rejected } health)
            console.Print($"anomaly filter  calls {Percent(rejected)} of {health.ValidationImages} unseen normal images anomalous ({Percent(card.Options.PseudoAnomalies.Significance)} wanted), accepts {Percent(card.Health.PseudoAnomalies.Statistics.AcceptancePerTry)} of the candidates");
        if (card.Health.PseudoAnomalies.Health?.Noticed is { } noticed)
            console.Print($"transforms      noticed alone{(card.Health.PseudoAnomalies.IsMixAdapted ? ", and drawn accordingly" : " (too few to choose among: all are drawn equally often)")}: {string.Join(", ", noticed.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {Percent(pair.Value)}"))}");
    }

    private static void DescribeSystem(CommandContext context)
    {
        TorchRuntimeInfo runtime = context.LoadTorch();
        int cudaDevices = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        context.Console.Print($"libtorch      {runtime.Version?.ToString() ?? "unknown version"} in {runtime.LibTorchFolder}");
        context.Console.Print($"threads       {torch.get_num_threads()} of {Environment.ProcessorCount} usable cores");
        context.Console.Print($"CUDA devices  {cudaDevices}");
        context.Console.PrintJson(new
        {
            LibtorchFolder = runtime.LibTorchFolder,
            LibtorchVersion = runtime.Version?.ToString(),
            Threads = torch.get_num_threads(),
            UsableCores = Environment.ProcessorCount,
            CudaDevices = cudaDevices,
            runtime.NativeLibraries,
        });
    }

    private static void CheckDevice(CommandContext context)
    {
        context.LoadTorch();
        string name = context.Arguments.GetValue<string>("--device")!;
        if (name == "cpu") name = "cuda";
        torch.Device device = OpenGpu(name);
        DeviceFinding[] findings = [.. new DeviceCheck(device, torch.CPU).Run(finding => context.Console.Say(DeviceTable.Line(finding)), context.Cancellation)];
        DeviceFinding[] failed = [.. findings.Where(finding => finding.Outcome == DeviceOutcome.Fail)];
        context.Console.Print(DeviceTable.Of(findings));
        foreach (DeviceFinding finding in failed) context.Console.Print($"{finding.Check}: {finding.Remedy}");
        context.Console.PrintJson(new { Device = name, Findings = findings });
        if (failed.Length > 0) throw new InvalidOperationException($"{failed.Length} of {findings.Length} checks of {name} failed; what to do stands under the table.");
        context.Console.Print($"{name} computes what the CPU computes, as far as {findings.Length} checks can tell. docs/guide/gpu.md says where to report the table.");
    }

    private static torch.Device OpenGpu(string name)
    {
        try
        {
            return TorchRuntime.OpenDevice(name);
        }
        catch (InvalidOperationException missing)
        {
            throw new InvalidOperationException(
                $"There is nothing to check. {missing.Message} What it takes: an NVIDIA driver (nvidia-smi must list the GPU) and libtorch 2.10 for CUDA 12.8, from the C++ archive or from 'pip install torch==2.10.0', whose torch/lib folder {TorchRuntime.LibTorchVariable} then names.", missing);
        }
    }

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Percent(double share) => share.ToString("0.0%", CultureInfo.InvariantCulture);
}
