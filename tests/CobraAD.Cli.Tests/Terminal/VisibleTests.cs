using CobraAD.Cli.Terminal;

namespace CobraAD.Cli.Tests.Terminal;

public sealed class VisibleTests
{
    [Theory]
    [InlineData("part.png", "part.png")]
    [InlineData("a\u001b[2Jb.png", "a\ufffd[2Jb.png")]
    [InlineData("a\rb", "a\ufffdb")]
    [InlineData("a\r\nb\tc\n", "a\r\nb\tc\n")]
    [InlineData("gnp.\u202eb", "gnp.\ufffdb")]
    [InlineData("Größe 224 × 224", "Größe 224 × 224")]
    public void A_file_name_commands_no_terminal(string text, string visible) => Assert.Equal(visible, Visible.Of(text));

    [Theory]
    [InlineData("part.png", "part.png")]
    [InlineData("=cmd()|x.png", "'=cmd()|x.png")]
    [InlineData("-1,2.png", "\"'-1,2.png\"")]
    [InlineData("a\rb", "\"a\rb\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("", "")]
    public void A_field_starts_no_formula_and_breaks_no_row(string text, string field) => Assert.Equal(field, Visible.AsField(text));
}
