using CobraAD.Imaging;

namespace CobraAD.Serialization;

/// <summary>From what a model keeps to what is done with pictures.</summary>
internal static class Placements
{
    /// <summary>Goes by way of the JSON of model files and exports, which the runtime reads: both do the same.</summary>
    /// <param name="framing">How pictures are framed; <see langword="null"/> where they are only resized.</param>
    /// <exception cref="FormatException">Its mask is no image.</exception>
    public static Placement Of(Framing? framing) => framing is null ? Placement.Plain : Placement.Read(CobraJson.ToNode(framing));
}
