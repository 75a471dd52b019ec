using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using CobraAD.Reporting.Rendering;
using SkiaSharp;

namespace CobraAD.Reporting.Charts;

/// <summary>
/// Text in drawings, as outlines: it looks the same everywhere and can be read on a machine without a single font. Each glyph is
/// defined once in the page and used by reference.
/// </summary>
internal static partial class ChartFont
{
    // Inter's own grid, in which outlines have whole coordinates.
    private const int UnitsPerEm = 2048;

    private static readonly Lazy<FrozenDictionary<char, Glyph>> Regular = new(() => Load("Inter-Regular.ttf", "r"));
    private static readonly Lazy<FrozenDictionary<char, Glyph>> Strong = new(() => Load("Inter-SemiBold.ttf", "b"));

    private sealed record Glyph(string Id, double Advance, string Outline);

    /// <summary>A line of text.</summary>
    /// <param name="style">CSS class, for its colour.</param>
    /// <param name="size">Font size in the drawing's units.</param>
    /// <param name="x">Where its anchor is.</param>
    /// <param name="y">Its baseline.</param>
    /// <param name="text">The text; characters that the font lacks become question marks.</param>
    /// <param name="anchor">0 = x is its left end, 0.5 = its middle, 1 = its right end.</param>
    /// <param name="strong">Whether it is semi-bold.</param>
    /// <param name="rotation">Degrees clockwise around the anchor.</param>
    public static Markup Text(string style, double size, double x, double y, string text, double anchor = 0, bool strong = false, double rotation = 0)
    {
        double scale = size / UnitsPerEm, at = -anchor * Width(text, size, strong) / scale;
        List<Markup> glyphs = [];
        foreach (char character in text)
        {
            Glyph glyph = Find(character, strong);
            if (glyph.Outline.Length > 0) glyphs.Add(Markup.Of($"""<use href="#{glyph.Id}" x="{Math.Round(at)}"/>"""));
            at += glyph.Advance;
        }

        Markup turned = rotation == 0 ? Markup.Empty : Markup.Of($" rotate({rotation})");
        return Markup.Of($"""<g class="text {style}" transform="translate({x} {y}){turned} scale({scale.ToString("0.######", CultureInfo.InvariantCulture)})">{Markup.Join(glyphs)}</g>""");
    }

    /// <summary>The width of a line of text.</summary>
    public static double Width(string text, double size, bool strong = false) =>
        text.Sum(character => Find(character, strong).Advance) * size / UnitsPerEm;

    /// <summary>The outlines of every glyph that a piece of markup uses, to be put before it.</summary>
    public static Markup Definitions(Markup used)
    {
        HashSet<string> ids = [.. References().Matches(used.Text).Select(match => match.Groups[1].Value)];
        IEnumerable<Glyph> glyphs = Regular.Value.Values.Concat(Strong.Value.Values).Where(glyph => ids.Contains(glyph.Id)).DistinctBy(glyph => glyph.Id).OrderBy(glyph => glyph.Id, StringComparer.Ordinal);
        return Markup.Of($"""<svg class="glyphs" width="0" height="0" aria-hidden="true"><defs>{Markup.Join(glyphs, glyph => Markup.Of($"""<path id="{glyph.Id}" d="{glyph.Outline}"/>"""))}</defs></svg>""");
    }

    private static Glyph Find(char character, bool strong)
    {
        FrozenDictionary<char, Glyph> glyphs = (strong ? Strong : Regular).Value;
        return glyphs.TryGetValue(character, out Glyph? glyph) ? glyph : glyphs['?'];
    }

    private static FrozenDictionary<char, Glyph> Load(string asset, string prefix)
    {
        using SKTypeface typeface = SKTypeface.FromStream(ReportAssets.Open(asset));
        using SKFont font = new(typeface, UnitsPerEm) { Hinting = SKFontHinting.None, LinearMetrics = true };
        Dictionary<char, Glyph> glyphs = [];
        for (char character = ' '; character < '\u2800'; character++)
        {
            ushort index = font.GetGlyph(character);
            if (index == 0) continue;
            using SKPath? outline = font.GetGlyphPath(index);
            glyphs[character] = new Glyph(prefix + index.ToString(CultureInfo.InvariantCulture), font.GetGlyphWidths([index])[0], outline?.ToSvgPathData() ?? "");
        }

        return glyphs.ToFrozenDictionary();
    }

    [GeneratedRegex("href=\"#([rb][0-9]+)\"")]
    private static partial Regex References();
}
