using System.Text.RegularExpressions;
using CobraAD.Server.Results;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CobraAD.Server.Tests.Page;

public sealed class PageTests(Chromium chromium) : IClassFixture<Chromium>
{
    [SkippableFact]
    public async Task Chosen_images_show_up_with_their_decision_and_heat_map()
    {
        await using LiveService service = await LiveService.StartAsync();
        IPage page = await OpenAsync(service);

        await page.SetInputFilesAsync("#files", [Payload("good.png", DrawnPart.Png(1, false)), Payload("stained.png", DrawnPart.Png(2, true))]);

        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(2);
        ILocator stained = Row(page, "stained.png");
        await Expect(stained.Locator(".badge").First).ToHaveTextAsync("▲ Anomalous");
        await Expect(Row(page, "good.png").Locator(".badge").First).ToHaveTextAsync("✓ Good");
        await stained.ClickAsync();
        await Expect(page.Locator("#detail-title")).ToHaveTextAsync("stained.png");
        await Expect(page.Locator(".viewer .heat")).ToBeVisibleAsync();
        await Expect(page.Locator("#share")).ToHaveTextAsync("50.0 %");
    }

    [SkippableFact]
    public async Task A_pasted_image_is_scored()
    {
        await using LiveService service = await LiveService.StartAsync();
        IPage page = await OpenAsync(service);

        await page.EvaluateAsync("""
            bytes => {
                const transfer = new DataTransfer();
                transfer.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], 'clipboard.png', { type: 'image/png' }));
                document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }));
            }
            """, Convert.ToBase64String(DrawnPart.Png(3, false)));

        await Expect(page.Locator("#rows tr")).ToContainTextAsync("clipboard.png");
    }

    [SkippableFact]
    public async Task A_dropped_image_is_scored()
    {
        await using LiveService service = await LiveService.StartAsync();
        IPage page = await OpenAsync(service);

        await page.EvaluateAsync("""
            bytes => {
                const transfer = new DataTransfer();
                transfer.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], 'dropped.png', { type: 'image/png' }));
                document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
            }
            """, Convert.ToBase64String(DrawnPart.Png(3, false)));

        await Expect(page.Locator("#rows tr")).ToContainTextAsync("dropped.png");
    }

    [SkippableFact]
    public async Task A_file_that_is_no_image_is_explained()
    {
        await using LiveService service = await LiveService.StartAsync();
        IPage page = await OpenAsync(service);

        await page.SetInputFilesAsync("#files", [Payload("notes.png", "hello"u8.ToArray())]);

        await Expect(page.Locator("#refused li")).ToContainTextAsync("notes.png");
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(0);
    }

    [SkippableFact]
    public async Task A_result_from_elsewhere_appears_by_itself()
    {
        await using LiveService service = await LiveService.StartAsync();
        IPage page = await OpenAsync(service);

        await service.ScoreAsync(DrawnPart.Png(4, true), "from-the-line.png");

        await Expect(page.Locator("#rows tr")).ToContainTextAsync("from-the-line.png");
    }

    [SkippableFact]
    public async Task The_slider_tells_which_decisions_would_change()
    {
        await using LiveService service = await LiveService.StartAsync();
        for (int i = 0; i < 6; i++) await service.ScoreAsync(DrawnPart.Png(i, i % 3 == 0), $"part{i}.png");
        IPage page = await OpenAsync(service);
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(6);

        await page.Locator("#threshold").FocusAsync();
        await page.Keyboard.PressAsync("End");

        await Expect(page.Locator("#what-if-effect")).ToHaveTextAsync("2 decisions of 6 would change: 0 more anomalous, 2 fewer; 0 in all.");
        await Expect(page.Locator(".would")).ToHaveCountAsync(2);
        await page.Locator("#threshold-reset").ClickAsync();
        await Expect(page.Locator(".would")).ToHaveCountAsync(0);
    }

    [SkippableFact]
    public async Task The_list_is_worked_with_the_keyboard_alone()
    {
        await using LiveService service = await LiveService.StartAsync();
        for (int i = 0; i < 3; i++) await service.ScoreAsync(DrawnPart.Png(i, false), $"part{i}.png");
        IPage page = await OpenAsync(service);
        await Expect(page.Locator("#rows tr")).ToHaveCountAsync(3);

        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("ArrowDown");

        await Expect(page.Locator("#detail-title")).ToHaveTextAsync("part1.png");
        await Expect(page.Locator("#rows tr:focus")).ToContainTextAsync("part1.png");
    }

    [SkippableFact]
    public async Task Drift_raises_an_alarm()
    {
        await using LiveService service = await LiveService.StartAsync(options => options with { DriftWindow = 20 });
        IPage page = await OpenAsync(service);
        await Expect(page.Locator("#alarm")).ToBeHiddenAsync();

        for (int i = 0; i < 20; i++) await service.ScoreAsync(TestPictures.Grey(0.47), $"brighter{i}.png");

        await Expect(page.Locator("#alarm")).ToContainTextAsync("no longer score like the good images of the calibration");
        await Expect(page.Locator("#drift")).ToHaveTextAsync("Drifting");
    }

    [SkippableFact]
    public async Task The_key_is_asked_for_once_and_opens_everything()
    {
        await using LiveService service = await LiveService.StartAsync(options => options with { ApiKey = "0123456789abcdef" });
        await service.ScoreAsync(DrawnPart.Png(5, true), "locked.png");
        IPage page = await OpenAsync(service);

        await page.Locator("#key").FillAsync("0123456789abcdef");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("#rows tr")).ToContainTextAsync("locked.png");
        await Expect(page.Locator(".thumb")).ToHaveJSPropertyAsync("naturalWidth", 160);
        await Expect(page.Locator("#key-dialog")).ToBeHiddenAsync();
    }

    [SkippableFact]
    public async Task A_request_that_left_before_the_key_was_given_does_not_ask_again()
    {
        await using LiveService service = await LiveService.StartAsync(options => options with { ApiKey = "0123456789abcdef" });
        IPage page = await chromium.OpenAsync();
        TaskCompletionSource given = new();
        await page.RouteAsync("**/v1/summary", async route =>
        {
            await given.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync(service.Address);

        await page.Locator("#key").FillAsync("0123456789abcdef");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#key-dialog")).ToBeHiddenAsync();
        given.SetResult();

        await Expect(page.Locator("#connection")).ToHaveTextAsync("Ready");
        await Expect(page.Locator("#key-dialog")).ToBeHiddenAsync();
    }

    [SkippableFact]
    public async Task The_theme_can_be_chosen_and_is_remembered()
    {
        await using LiveService service = await LiveService.StartAsync();
        IPage page = await OpenAsync(service);
        string light = await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

        await page.Locator("#theme").ClickAsync();
        await page.ReloadAsync();

        await Expect(page.Locator("body")).Not.ToHaveCSSAsync("background-color", light);
    }

    [SkippableFact]
    public async Task The_api_page_lists_every_operation()
    {
        await using LiveService service = await LiveService.StartAsync();
        IPage page = await chromium.OpenAsync();
        List<string> faults = Listen(page);

        await page.GotoAsync(service.Address + "/docs");

        await Expect(page.Locator(".operation")).ToHaveCountAsync(10);
        await page.Locator(".operation", new PageLocatorOptions { HasText = "/v1/score" }).Locator("summary").ClickAsync();
        await Expect(page.GetByText("\"isAnomalous\": true").First).ToBeVisibleAsync();
        await ScreenshotAsync(page, "docs");
        Assert.Empty(faults);
    }

    [SkippableTheory]
    [InlineData(ColorScheme.Light, 1440, 1180)]
    [InlineData(ColorScheme.Dark, 1440, 1180)]
    [InlineData(ColorScheme.Light, 390, 844)]
    public async Task The_page_fits_without_a_fault(ColorScheme scheme, int width, int height)
    {
        await using LiveService service = await LiveService.StartAsync(options => options with { KeepImages = ImageRetention.Originals });
        for (int i = 0; i < 60; i++) await service.ScoreAsync(DrawnPart.Png(i, i % 11 == 7), $"flange-{1000 + i}.png");
        IPage page = await chromium.OpenAsync(scheme, width, height);
        List<string> faults = Listen(page);
        await page.GotoAsync(service.Address);

        await Row(page, "▲").First.ClickAsync();
        await Expect(page.Locator(".viewer .heat")).ToBeVisibleAsync();

        await page.EvaluateAsync("scrollTo(0, 0)");
        await ScreenshotAsync(page, $"page-{scheme}-{width}".ToLowerInvariant());
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways");
        Assert.Empty(faults);
    }

    private async Task<IPage> OpenAsync(LiveService service)
    {
        IPage page = await chromium.OpenAsync();
        await page.GotoAsync(service.Address);
        return page;
    }

    private static ILocator Row(IPage page, string text) => page.Locator("#rows tr", new PageLocatorOptions { HasText = text });

    /// <summary>Script errors, refused policies and requests to anywhere else.</summary>
    private static List<string> Listen(IPage page)
    {
        List<string> faults = [];
        page.Console += (_, message) =>
        {
            if (message.Type == "error") faults.Add(message.Text);
        };
        page.PageError += (_, error) => faults.Add(error);
        page.Request += (_, request) =>
        {
            if (!Regex.IsMatch(request.Url, "^(http://127.0.0.1:|blob:|data:)")) faults.Add(request.Url);
        };
        return faults;
    }

    /// <summary>Kept for people to look at when COBRA_SCREENSHOTS names a folder.</summary>
    private static async Task ScreenshotAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("COBRA_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png") });
    }

    private static FilePayload Payload(string name, byte[] content) => new() { Name = name, MimeType = "image/png", Buffer = content };
}
