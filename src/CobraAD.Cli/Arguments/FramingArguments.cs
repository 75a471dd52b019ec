using System.CommandLine;
using System.Globalization;
using CobraAD.Cli.Values;
using CobraAD.Imaging;

namespace CobraAD.Cli.Arguments;

/// <summary>How pictures become images of the network's size, where a model is trained: later on the model says it.</summary>
internal sealed class FramingArguments
{
    private readonly Option<ImageFit?> fit = TextOption.OfValue(
        "--fit", "Stretch images to a square (the default), pad them to one, or crop their middle.", "stretch|pad|crop",
        text => OneOf<ImageFit>(text)
            ?? throw new FormatException($"'{text}' is no way to fit an image; expected stretch, pad or crop."));

    private readonly Option<Framing?> region = TextOption.Of(
        "--roi", "The region of interest in pixels of the original images, or a mask image as large as they are: white is looked at.", "X,Y,WIDTH,HEIGHT|FILE", ReadRegion);

    private readonly Option<DepthWindow?> window = TextOption.Of(
        "--window", "Which samples of 16-bit images become black and white; by default the range that the training images use.", "full|LOW,HIGH", ReadWindow);

    // An option that is true or false would not take a word.
    private readonly Option<Colours?> colours = TextOption.OfValue(
        "--color", "Keep colours (the default), or turn images grey.", "keep|grey",
        text => OneOf<Colours>(text)
            ?? throw new FormatException($"'{text}' is nothing to do with colours; expected keep or grey."));

    private enum Colours
    {
        Keep,
        Grey,
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[fit, region, window, colours]) command.Options.Add(option);
    }

    /// <summary>What the command line says.</summary>
    public Framing Of(CommandContext context) => (context.Arguments.GetValue(region) ?? new Framing()) with
    {
        Fit = context.Arguments.GetValue(fit) ?? ImageFit.Stretch,
        Window = context.Arguments.GetValue(window),
        Grey = context.Arguments.GetValue(colours) == Colours.Grey,
    };

    /// <summary>The value of that name in any case; <see langword="null"/> where there is none.</summary>
    private static T? OneOf<T>(string text)
        where T : struct, Enum =>
        Enum.GetValues<T>().Cast<T?>().FirstOrDefault(known => string.Equals(known.ToString(), text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Four numbers are a rectangle, anything else is a file.</summary>
    private static Framing ReadRegion(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        int[] numbers = [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
        if (numbers.All(number => number >= 0))
        {
            return numbers is [var x, var y, var width and >= 1, var height and >= 1]
                ? new Framing { Region = new PixelRegion(x, y, width, height) }
                : throw new FormatException($"'{text}' is no region; expected its first column, first row, width and height in pixels, e.g. 100,50,800,600.");
        }

        if (!File.Exists(text)) throw new FormatException($"'{text}' is neither a region such as 100,50,800,600 nor a file with a mask.");
        return new Framing { Mask = Framing.ReadMask(text) };
    }

    private static DepthWindow ReadWindow(string text)
    {
        if (text == "full") return DepthWindow.Full;
        int[] samples = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int sample) ? sample : -1)];
        return samples is [var low and >= 0, var high and <= ushort.MaxValue] && low < high
            ? new DepthWindow(low, high)
            : throw new FormatException($"'{text}' is no window; expected full, or two samples between 0 and 65535, the smaller one first, e.g. 400,4000.");
    }
}
