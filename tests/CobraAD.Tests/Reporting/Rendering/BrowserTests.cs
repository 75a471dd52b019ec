using System.Diagnostics;
using System.Text.RegularExpressions;
using CobraAD.Reporting;
using CobraAD.Reporting.Rendering;
using SkiaSharp;

namespace CobraAD.Tests.Reporting.Rendering;

/// <summary>The page in a real browser: headless Chromium, where one is installed.</summary>
public sealed class BrowserTests : IDisposable
{
    private static readonly string? Chromium = new[] { "chromium", "chromium-browser", "google-chrome" }
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    private readonly TemporaryFolder folder = new();

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_page_is_drawn_in_light_and_in_dark(bool dark)
    {
        Skip.If(Chromium is null, "Needs Chromium.");
        string page = ReportWriter.Write(SampleReport.Create(), folder.Path);

        (SKBitmap bitmap, string console) = Photograph(page, fonts: true, $"--blink-settings=preferredColorScheme={(dark ? 0 : 1)}");

        using (bitmap)
        {
            Assert.DoesNotContain("CONSOLE", console, StringComparison.Ordinal);
            Assert.Equal(dark, bitmap.GetPixel(4, 4).Red < 64);
            Assert.InRange(InkShare(bitmap, new SKRectI(100, 60, 1180, 300)), 0.01, 0.5);
            Assert.InRange(InkShare(bitmap, new SKRectI(100, 700, 1180, 1060)), 0.005, 0.9);
        }
    }

    [SkippableFact]
    public void Text_in_drawings_can_be_read_on_a_machine_without_fonts()
    {
        Skip.If(Chromium is null, "Needs Chromium.");
        string text = HtmlReport.Render(SampleReport.Create());
        string page = Path.Combine(folder.Path, "page.html"), mute = Path.Combine(folder.Path, "mute.html");
        // Without the embedded fonts nothing but the outlines can show a letter.
        string fontless = Regex.Replace(text, "@font-face.*?\n", "");
        File.WriteAllText(page, fontless);
        File.WriteAllText(mute, Regex.Replace(fontless, "<defs>.*?</defs>", ""));

        using SKBitmap readable = Photograph(page, fonts: false).Bitmap, silent = Photograph(mute, fonts: false).Bitmap;

        SKRectI all = new(0, 0, readable.Width, readable.Height);
        Assert.True(InkShare(readable, all) > InkShare(silent, all) + 0.002, $"{InkShare(readable, all)} against {InkShare(silent, all)}");
    }

    [SkippableFact]
    public void The_browser_reads_every_section()
    {
        Skip.If(Chromium is null, "Needs Chromium.");
        string page = ReportWriter.Write(SampleReport.Create(), folder.Path);

        string document = Browse(fonts: true, "--dump-dom", page);

        Assert.All(["attacks", "security", "roc", "scores", "hardest", "gallery-0", "audit", "invariants", "notes", "facts"],
            id => Assert.Contains($"<h2 id=\"{id}\">", document, StringComparison.Ordinal));
        Assert.Contains("</footer>", document, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static double InkShare(SKBitmap bitmap, SKRectI area)
    {
        SKColor paper = bitmap.GetPixel(4, 4);
        int ink = 0;
        for (int y = area.Top; y < area.Bottom; y++)
        {
            for (int x = area.Left; x < area.Right; x++)
            {
                SKColor colour = bitmap.GetPixel(x, y);
                if (Math.Abs(colour.Red - paper.Red) + Math.Abs(colour.Green - paper.Green) + Math.Abs(colour.Blue - paper.Blue) > 90) ink++;
            }
        }

        return ink / (double)(area.Width * area.Height);
    }

    private (SKBitmap Bitmap, string Console) Photograph(string page, bool fonts, params string[] arguments)
    {
        string picture = folder.File("page.png");
        string console = Browse(fonts, [$"--screenshot={picture}", "--window-size=1280,2400", .. arguments, page]);
        return (SKBitmap.Decode(picture), console);
    }

    private string Browse(bool fonts, params string[] arguments)
    {
        ProcessStartInfo start = new(Chromium!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--enable-logging=stderr", $"--user-data-dir={folder.File("profile")}", .. arguments])
            start.ArgumentList.Add(argument);
        if (!fonts)
        {
            string configuration = folder.File("fonts.conf");
            File.WriteAllText(configuration, $"<?xml version=\"1.0\"?><fontconfig><dir>{folder.File("none")}</dir><cachedir>{folder.File("cache")}</cachedir></fontconfig>");
            start.Environment["FONTCONFIG_FILE"] = configuration;
        }

        using Process browser = Process.Start(start)!;
        Task<string> output = browser.StandardOutput.ReadToEndAsync(), errors = browser.StandardError.ReadToEndAsync();
        bool ended = browser.WaitForExit(TimeSpan.FromSeconds(90));
        if (!ended) browser.Kill(entireProcessTree: true);
        Assert.True(ended, "Chromium did not end within 90 seconds.");
        return output.Result + errors.Result;
    }
}
