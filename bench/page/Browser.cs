using GpuMem.TestKit;
using Microsoft.Playwright;

namespace GpuMem.Bench.Page;

/// <summary>Debian's Chromium, a new window for each question: nothing of the page is in its cache.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Browser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        return new Browser(playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = await ClientTool.PathAsync("chromium"), ChromiumSandbox = false }));
    }

    /// <summary>A window in which the page has given its first answer.</summary>
    public async Task<IPage> OpenAsync(Uri url, int width = 1160, int height = 760, bool isDark = false)
    {
        var window = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height }, ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
        });
        var tab = await window.NewPageAsync();
        // When the first verdict stands there, to the tenth of a millisecond, whatever the driver is doing meanwhile.
        await tab.AddInitScriptAsync("""
            addEventListener('DOMContentLoaded', () => new MutationObserver(() => { window.answeredAt ??= performance.now(); })
              .observe(document.getElementById('verdict'), { attributes: true }));
            """);
        await tab.GotoAsync(url.ToString());
        await AnsweredAsync(tab);
        return tab;
    }

    public static Task AnsweredAsync(IPage tab) => tab.Locator("#verdict strong").WaitForAsync();

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
