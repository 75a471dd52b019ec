using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Values;
using CobraAD.Detection;
using CobraAD.Detection.Foreign;
using CobraAD.Onnx;

namespace CobraAD.Cli.Arguments;

/// <summary>Which detector a command works on: one of ours, a TorchScript file or an ONNX file.</summary>
internal sealed class SubjectArguments
{
    private readonly Argument<string?> model = new("MODEL") { Description = "A .cobra file; left out with --torchscript or --onnx.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> torchScript = new("--torchscript") { Description = "Work on a TorchScript file (white box) instead of MODEL.", HelpName = "FILE" };
    private readonly Option<string?> onnx = new("--onnx") { Description = "Work on an ONNX file (black box) instead of MODEL.", HelpName = "FILE" };
    private readonly Option<string?> scoreOutput = new("--score-output") { Description = "Which output of that file is the score, by name or index.", HelpName = "NAME|INDEX" };
    private readonly Option<int?> inputSize = new("--input-size") { Description = "Side in pixels of the images that it takes.", HelpName = "PIXELS", CustomParser = NumberOption.OptionalWithin(1, 8192) };
    private readonly Option<double[]?> inputRange = TextOption.Of("--input-range", "What it takes for black and white; 0,1 by default.", "LOW,HIGH", text => ReadNumbers(text, 2));
    private readonly Option<double[]?> mean = TextOption.Of("--input-mean", "Subtracted from each channel after that.", "R,G,B", text => ReadNumbers(text, 3));
    private readonly Option<double[]?> deviation = TextOption.Of("--input-std", "Divides each channel after that.", "R,G,B", text => ReadNumbers(text, 3));
    private readonly Option<string> layout = new("--input-layout") { Description = "nchw or nhwc.", HelpName = "LAYOUT", DefaultValueFactory = _ => "nchw" };
    private readonly Option<bool> blueFirst = new("--input-bgr") { Description = "It takes blue first." };
    private readonly Option<bool> largerIsNormal = new("--larger-is-normal") { Description = "A larger output is more normal." };
    private readonly Option<double?> threshold = new("--threshold") { Description = "A score above it is anomalous.", HelpName = "SCORE", CustomParser = NumberOption.OptionalWithin(double.MinValue, double.MaxValue) };

    public void AddTo(Command command)
    {
        layout.AcceptOnlyFromAmong("nchw", "nhwc");
        command.Arguments.Add(model);
        foreach (Option option in (Option[])[torchScript, onnx, .. Foreign]) command.Options.Add(option);
    }

    /// <summary>What is said about a foreign file.</summary>
    private Option[] Foreign => [scoreOutput, inputSize, inputRange, mean, deviation, layout, blueFirst, largerIsNormal, threshold];

    /// <summary>Loads the detector; the caller disposes it.</summary>
    public DetectorSubject Open(CommandContext context)
    {
        string? script = context.Arguments.GetValue(torchScript), graph = context.Arguments.GetValue(onnx);
        if (script is not null && graph is not null) throw new UsageException("--torchscript and --onnx each name the detector; give one of them.");
        TorchSharp.torch.Device device = context.OpenDevice();
        if (script is not null)
        {
            InputFile.Existing(torchScript.Name, script);
            ForeignInput input = Input(context);
            return new DetectorSubject(Detector.Foreign(script, input, device), script, input.Size, Describe("TorchScript", input));
        }

        if (graph is not null)
        {
            InputFile.Existing(onnx.Name, graph);
            ForeignInput input = Input(context);
            return new DetectorSubject(Detector.ForeignOnnx(graph, input), graph, input.Size, Describe("ONNX, black box", input));
        }

        if (Foreign.FirstOrDefault(option => context.IsGiven(option)) is { } alone)
            throw new UsageException($"{alone.Name} says how a file of --torchscript or --onnx is read; a .cobra model knows it. Leave it out.");
        string path = context.Arguments.GetValue(model) ?? throw new UsageException("Which detector? Give MODEL, a .cobra file, or --torchscript or --onnx with a file.");
        ITrainedDetector detector = Detector.Load(InputFile.Existing(model.Name, path), device);
        return new DetectorSubject(detector, path, detector.Card.Data.Height);
    }

    /// <summary>With a foreign file the only argument is the data set; <see langword="null"/> where DATA was given.</summary>
    public string? DataPath(CommandContext context) =>
        (context.Arguments.GetValue(torchScript) ?? context.Arguments.GetValue(onnx)) is not null ? context.Arguments.GetValue(model) : null;

    private static string Describe(string form, ForeignInput input)
    {
        string size = input.Size is { } side ? $"{side} × {side} pixels" : "images as they are";
        string colours = input.BlueFirst ? "blue first" : "red first";
        return string.Create(CultureInfo.InvariantCulture,
            $"{form}; declared input: {size}, {input.Layout.ToString().ToLowerInvariant()}, {colours}, range {input.Low} to {input.High}, mean {string.Join(", ", input.Mean)}, deviation {string.Join(", ", input.Deviation)}; score: output {input.ScoreOutput ?? "0"}{(input.LargerIsNormal ? ", sign turned" : "")}");
    }

    private ForeignInput Input(CommandContext context)
    {
        ForeignInput plain = new();
        // The parser gives an empty array where an option was left out.
        double[] range = context.Arguments.GetValue(inputRange) is { Length: 2 } given ? given : [plain.Low, plain.High];
        ForeignInput input = plain with
        {
            Size = context.Arguments.GetValue(inputSize),
            Low = range[0],
            High = range[1],
            Mean = context.Arguments.GetValue(mean) is { Length: 3 } means ? means : plain.Mean,
            Deviation = context.Arguments.GetValue(deviation) is { Length: 3 } deviations ? deviations : plain.Deviation,
            Layout = context.Arguments.GetValue(layout) == "nhwc" ? ForeignLayout.Nhwc : ForeignLayout.Nchw,
            BlueFirst = context.Arguments.GetValue(blueFirst),
            LargerIsNormal = context.Arguments.GetValue(largerIsNormal),
            ScoreOutput = context.Arguments.GetValue(scoreOutput),
            Threshold = context.Arguments.GetValue(threshold),
        };
        try
        {
            input.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message);
        }

        return input;
    }

    private static double[] ReadNumbers(string text, int count)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        double[] values = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i])) throw new FormatException($"'{parts[i]}' is not a number.");
        }

        return values.Length == count ? values : throw new FormatException($"Expected {count} numbers with commas between them, found '{text}'.");
    }
}
