using System.CommandLine;
using System.Globalization;
using CobraAD.Attacks;
using CobraAD.Attacks.Gradient;
using CobraAD.Cli.Arguments;
using CobraAD.Cli.Terminal;
using CobraAD.Cli.Terminal.Displays;
using CobraAD.Cli.Values;
using CobraAD.Datasets;
using CobraAD.Detection;
using CobraAD.Evaluation.Metrics;
using CobraAD.Evaluation.Robustness;
using CobraAD.Export;
using CobraAD.Methods.Cobra;
using CobraAD.Runtime;
using CobraAD.Runtime.Images;
using CobraAD.Serialization.Archive;

namespace CobraAD.Cli.Commands;

/// <summary><c>cobra export MODEL -o model.onnx</c></summary>
internal sealed class ExportCommand
{
    private const int DefaultSamples = 50;

    private readonly Argument<string> model = new("MODEL") { Description = "A .cobra file." };
    private readonly Option<string> output = new("--output", "-o") { Description = "The ONNX file to write.", HelpName = "FILE", DefaultValueFactory = _ => "model.onnx" };
    private readonly Option<bool> half = new("--fp16") { Description = "Store weights as float16: half the size." };
    private readonly Option<bool> quantized = new("--int8") { Description = "Store weights as int8: a quarter of the size." };
    private readonly Option<bool> floats = new("--floats") { Description = "Take images as float32 [batch, 3, height, width] in [0, 1]; CobraAD.Runtime does not run these." };
    private readonly Option<string?> licence = new("--data-licence") { Description = "Licence of the training data, to be kept in the model.", HelpName = "TEXT" };
    private readonly Option<string?> measure = new("--measure") { Description = "Data set on which the exported model is compared with the original.", HelpName = "DATA" };
    private readonly Option<string?> normalClass = new("--normal-class") { Description = "With --measure: the class that is normal.", HelpName = "CLASS" };
    private readonly Option<string?> anomalies = new("--anomalies") { Description = "With --measure: another data set whose images are the anomalies.", HelpName = "DATA" };
    private readonly Option<bool> skipUnreadable = new("--skip-unreadable") { Description = "With --measure: leave unreadable images out instead of stopping." };
    private readonly Option<bool> robustMargin = new("--robust-margin") { Description = "With --measure: attack test images and keep in the model how far scores move." };
    private readonly Option<int> samples = new("--samples") { Description = "With --robust-margin: test images of each class to attack.", HelpName = "N", CustomParser = NumberOption.Within(1, int.MaxValue), DefaultValueFactory = _ => DefaultSamples };

    public static Command Create(CommandHost host)
    {
        ExportCommand export = new();
        Command command = new("export", "Write a detector as an ONNX model for CobraAD.Runtime and other runtimes.");
        command.Arguments.Add(export.model);
        foreach (Option option in (Option[])[export.output, export.half, export.quantized, export.floats, export.licence, export.measure, export.normalClass, export.anomalies, export.skipUnreadable, export.robustMargin, export.samples])
            command.Options.Add(option);
        host.SetAction(command, export.Run);
        return command;
    }

    private void Run(CommandContext context)
    {
        if (context.Arguments.GetValue(half) && context.Arguments.GetValue(quantized)) throw new UsageException("--fp16 and --int8 exclude each other.");
        string? data = context.Arguments.GetValue(measure);
        if (data is null && context.Arguments.GetValue(robustMargin)) throw new UsageException("--robust-margin needs --measure DATA: it attacks test images.");
        if (data is not null && context.Arguments.GetValue(floats)) throw new UsageException("--measure runs the exported model, which it cannot with --floats.");

        context.RequirePartner(data is not null, $"{measure.Name} DATA", normalClass, anomalies, skipUnreadable);
        context.RequirePartner(context.Arguments.GetValue(robustMargin), robustMargin.Name, samples);
        foreach (Option<string?> images in (Option<string?>[])[measure, anomalies])
        {
            if (context.Arguments.GetValue(images) is { } named) InputFile.ExistingPath(images.Name, named);
        }

        string source = context.Arguments.GetValue(model)!;
        string path = context.Arguments.GetValue(output)!;
        OutputFile.RequireOfKind(output.Name, path, FileKind.Onnx);
        InputFile.Existing(model.Name, source);
        using ITrainedDetector detector = Detector.Load(source, context.OpenDevice());
        using AnomalyBenchmark? benchmark = data is null ? null : Open(context, data, detector);
        OnnxExportOptions options = new()
        {
            Precision = context.Arguments.GetValue(half) ? OnnxPrecision.Half : context.Arguments.GetValue(quantized) ? OnnxPrecision.Quantized : OnnxPrecision.Full,
            Images = context.Arguments.GetValue(floats) ? OnnxImageForm.Floats : OnnxImageForm.Bytes,
            ModelHash = ModelArchive.Fingerprint(source),
            DataLicence = context.Arguments.GetValue(licence),
            Robustness = benchmark is not null && context.Arguments.GetValue(robustMargin) ? EstimateShift(context, detector, benchmark) : null,
        };
        OnnxExport.Write(detector, path, options);
        ScoreFidelity? fidelity = benchmark is null ? null : Compare(context, detector, benchmark, path);
        Report(context.Console, path, options, fidelity);
    }

    private AnomalyBenchmark Open(CommandContext context, string data, ITrainedDetector detector)
    {
        DatasetOptions options = new()
        {
            ImageSize = detector.Card.Data.Height,
            Framing = detector.Card.Data.SettledFraming,
            NormalClass = context.Arguments.GetValue(normalClass),
            AnomalyData = context.Arguments.GetValue(anomalies),
            SkipUnreadable = context.Arguments.GetValue(skipUnreadable),
            Seed = context.Seed ?? 0,
            SplitSeed = detector.Card.Options.Seed,
        };
        AnomalyBenchmark benchmark = context.Console.Track(board => DatasetLoader.Open(data, options, new ReadingProgress(board), context.Cancellation));
        ReadingArguments.Warn(context, benchmark.Skipped);
        DataArguments.RequireBothClasses(benchmark);
        return benchmark;
    }

    private RobustnessShift EstimateShift(CommandContext context, ITrainedDetector detector, AnomalyBenchmark benchmark)
    {
        double epsilon = (detector.Card.Options as CobraOptions)?.Attack?.Epsilon
            ?? throw new UsageException("--robust-margin compares with the ε of training; this model was trained without attack.");
        Attack attack = new Pgd();
        RobustnessOptions options = new() { SamplesPerClass = context.Arguments.GetValue(samples), Seed = context.Seed ?? 0 };
        RobustnessEvaluator evaluator = new(detector, new ThreatModel(Norm.Linf, epsilon), [attack], options);
        using RobustnessResult result = context.Console.Track(board => evaluator.Evaluate(benchmark, new AttackDisplay(board), context.Cancellation));
        if (result.Attacks.FirstOrDefault(outcome => outcome.UnusableGradients > 0) is { } blind)
            context.Console.Warn($"{blind.QualifiedName}: there it stepped in a random direction, and the margin may be far too good.");
        return RobustnessShift.Estimate(epsilon, attack.ToString(), result.Clean.Scores, result.Union.Scores, result.IsAnomalous);
    }

    private static ScoreFidelity Compare(CommandContext context, ITrainedDetector detector, AnomalyBenchmark benchmark, string path)
    {
        double[] original = detector.ScoreAll(benchmark.Test, cancellation: context.Cancellation);
        using RobustDetector runtime = RobustDetector.Load(path);
        double[] exported = [.. Enumerable.Range(0, benchmark.Test.Count).Select(i =>
        {
            context.Cancellation.ThrowIfCancellationRequested();
            return runtime.Score(benchmark.Test.InterleavedPixels(i), new PixelLayout(PixelFormat.Rgb, benchmark.Test.Width, benchmark.Test.Height) { IsFramed = true }).Score;
        })];
        return ScoreFidelity.Compare(original, exported, detector.Card.Calibration.Threshold, benchmark.TestIsAnomalous);
    }

    private static void Report(CommandConsole console, string path, OnnxExportOptions options, ScoreFidelity? fidelity)
    {
        long bytes = new FileInfo(path).Length;
        console.Print($"{path}: {ByteSize.Format(bytes)}");
        if (options.Robustness is { } shift)
            console.Print(Invariant($"attacks of ε = {shift.Epsilon * 255:0.##}/255 raise normal scores by up to {shift.NormalShift:G3} and lower anomalous ones by up to {shift.AnomalousShift:G3} (95 % of images)"));
        if (fidelity is not null)
        {
            console.Print(Invariant($"AUROC {fidelity.Auroc:0.0000} before, {fidelity.OtherAuroc:0.0000} exported ({fidelity.OtherAuroc - fidelity.Auroc:+0.0000;-0.0000;0.0000}) on {fidelity.Images} images"));
            console.Print(Invariant($"largest score difference {fidelity.LargestDifference:G3}, mean {fidelity.MeanDifference:G3}; {fidelity.ChangedDecisions} decisions changed"));
        }

        console.PrintJson(new { Model = path, Bytes = bytes, options.Precision, options.Robustness, Fidelity = fidelity });
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
