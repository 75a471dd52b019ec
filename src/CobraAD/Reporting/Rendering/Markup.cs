using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace CobraAD.Reporting.Rendering;

/// <summary>A piece of HTML or SVG. In an interpolated string every hole is escaped unless it is markup itself.</summary>
internal readonly record struct Markup(string Text)
{
    public static readonly Markup Empty = new("");

    public static Markup Of(ref Handler handler) => new(handler.ToText());

    public static Markup Join(IEnumerable<Markup> parts) => new(string.Concat(parts.Select(part => part.Text)));

    public static Markup Join<T>(IEnumerable<T> items, Func<T, Markup> write) => Join(items.Select(write));

    public static Markup Join<T>(IEnumerable<T> items, Func<T, int, Markup> write) => Join(items.Select(write));

    public override string ToString() => Text;

    /// <summary>What the compiler turns an interpolated string into.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Handler(int literalLength, int formattedCount)
    {
        private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

        private readonly StringBuilder text = new(literalLength + 16 * formattedCount);

        public void AppendLiteral(string literal) => text.Append(literal);

        public void AppendFormatted(Markup markup) => text.Append(markup.Text);

        public void AppendFormatted(string? value) => text.Append(Encoder.Encode(value ?? ""));

        public void AppendFormatted(int value) => text.Append(CultureInfo.InvariantCulture, $"{value}");

        /// <summary>A coordinate: a hundredth of a pixel is fine enough.</summary>
        public void AppendFormatted(double value) => text.Append(Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture));

        public string ToText() => text.ToString();
    }
}
