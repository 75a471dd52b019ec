using System.Globalization;
using CobraAD.Methods.Tiles;

namespace CobraAD.Cli.Terminal.Tables;

/// <summary>How a model works in tiles, in a few lines.</summary>
internal static class TileText
{
    public static IEnumerable<string> Of(TiledModelCard card)
    {
        TileHealth health = card.Health;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"tiles           {card.Tiles.Size} px with {card.Tiles.Overlap:0.##} overlap: {health.Places} in each image; {health.Trained} trained on");
        yield return $"tile content    {card.ContentRule}";
        string places = card.Tiles.PositionAware
            ? string.Create(CultureInfo.InvariantCulture, $"told apart to {health.PlaceWeight:0%} (0% for a texture, 100% for parts that lie alike)")
            : "not told apart, as asked for";
        yield return $"tile places     {places}; what is usual comes from {health.Images} good images that were kept out";
        string raise = health.Raises.GetValueOrDefault(health.Temperature.ToString("0.####", CultureInfo.InvariantCulture)).ToString("0.#", CultureInfo.InvariantCulture);
        yield return string.Create(CultureInfo.InvariantCulture,
            $"tile maximum    smooth, with temperature {health.Temperature:0.####}: one tile must rise by {raise} deviations to be noticed, in the mean over good images; other temperatures need as much or more");
    }
}
