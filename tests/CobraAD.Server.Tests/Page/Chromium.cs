using Microsoft.Playwright;

namespace CobraAD.Server.Tests.Page;

/// <summary>A headless Chromium from the system's packages; tests skip where there is none.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>Milliseconds to wait for what must happen: enough for a machine that does much else.</summary>
    private const float Patience = 60_000;

    private static readonly string Executable = Environment.GetEnvironmentVariable("COBRA_CHROMIUM") ?? "/usr/bin/chromium";

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async Task InitializeAsync()
    {
        if (!File.Exists(Executable)) return;
        playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(Patience);
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            // As root, and on machines without GPU or network.
            Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task<IPage> OpenAsync(ColorScheme scheme = ColorScheme.Light, int width = 1440, int height = 1000)
    {
        Skip.If(browser is null, $"No Chromium at {Executable}; build/install-chromium.sh installs Debian's, COBRA_CHROMIUM names another.");
        IBrowserContext context = await browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
        });
        context.SetDefaultTimeout(Patience);
        return await context.NewPageAsync();
    }

    public async Task DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
    }
}
