using Microsoft.Playwright;

namespace GpuMem.Page.Tests.Support;

/// <summary>Debian's Chromium, and the page to look at with it: one of each for all tests with a browser.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public RunningPage Page { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Page.InitializeAsync();
        _playwright = await Playwright.CreateAsync();
        // The sandbox takes rights that a container does not have, and the page is our own.
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = await PathAsync(), ChromiumSandbox = false });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        await Page.DisposeAsync();
    }

    /// <param name="fragment">What stands in the address behind the page's own.</param>
    /// <param name="width">Of the window, in CSS pixels.</param>
    /// <param name="scheme">Light or dark.</param>
    /// <param name="served">Another page than that of all tests.</param>
    public async Task<OpenPage> OpenAsync(string fragment = "", int width = 1280, ColorScheme scheme = ColorScheme.Light, RunningPage? served = null)
    {
        var window = await _browser!.NewContextAsync(new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = 900 }, Permissions = ["clipboard-read", "clipboard-write"] });
        var tab = await window.NewPageAsync();
        var open = new OpenPage(tab);
        await tab.GotoAsync($"{(served ?? Page).Url}{fragment}");
        return open;
    }

    /// <summary>As hack/test.sh says, else as hack/tools.sh finds or fetches it.</summary>
    private static async Task<string> PathAsync() =>
        Environment.GetEnvironmentVariable("GPUMEM_CHROMIUM") is { Length: > 0 } path ? path : await ClientTool.PathAsync("chromium");
}

/// <summary>Tests that share the browser.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<Chromium>
{
    public const string Name = "Browser";
}
