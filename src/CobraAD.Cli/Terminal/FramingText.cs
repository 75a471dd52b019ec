using CobraAD.Imaging;

namespace CobraAD.Cli.Terminal;

/// <summary>Says how pictures become images of the network's size.</summary>
internal static class FramingText
{
    public static string Of(Framing framing)
    {
        string part = framing.Region is { } region ? FormattableString.Invariant($"{region.Width} × {region.Height} pixels from {region.X}, {region.Y} on")
            : framing.Mask is not null ? "what its mask shows"
            : "the whole picture";
        string shape = framing.Fit switch
        {
            ImageFit.Pad => "padded to a square",
            ImageFit.Crop => "its middle cropped",
            _ => "stretched to a square",
        };
        string depth = framing.Window is { } window && window != DepthWindow.Full ? FormattableString.Invariant($", samples {window.Low} to {window.High} of 65535 from black to white") : "";
        return $"{part}, {shape}{depth}{(framing.Grey ? ", turned grey" : "")}";
    }
}
