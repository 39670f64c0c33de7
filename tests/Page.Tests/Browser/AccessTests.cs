using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GpuMem.Page.Tests.Browser;

/// <summary>The page is for everybody: names for screen readers, contrast, a narrow window, the keyboard.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AccessTests(Chromium chromium)
{
    /// <summary>Controls without a name that a screen reader could say, and ids that stand for two things.</summary>
    private const string Nameless = """
        () => {
          const named = control => [...(control.labels ?? [])].some(label => label.textContent.trim()) || control.getAttribute('aria-label')?.trim()
            || (!['INPUT', 'SELECT', 'TEXTAREA'].includes(control.tagName) && control.textContent.trim());
          const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
          return [
            ...[...document.querySelectorAll('input, select, textarea, button, summary, a[href], [role=region], [role=img], section[aria-label], table')]
              .filter(control => control.tagName !== 'TABLE' && !named(control) && !control.getAttribute('aria-labelledby')).map(control => control.outerHTML.slice(0, 120)),
            ...ids.filter((id, index) => ids.indexOf(id) !== index).map(id => `id ${id} twice`),
            ...[...document.querySelectorAll('[aria-labelledby], [aria-controls], [aria-describedby], label[for]')].flatMap(one =>
              ['aria-labelledby', 'aria-controls', 'aria-describedby', 'for'].map(name => one.getAttribute(name)).filter(id => id && !document.getElementById(id))).map(id => `nothing has the id ${id}`),
          ];
        }
        """;

    /// <summary>Texts with less contrast than WCAG 2.2 asks for (1.4.3): 4.5, or 3 where letters are large.</summary>
    private const string Pale = """
        () => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const pixel = (colour, under) => {
            canvas.fillStyle = `rgb(${under})`; canvas.fillRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
          };
          const back = element => element === null ? pixel(getComputedStyle(document.documentElement).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#fff', [0, 0, 0])
            : pixel(getComputedStyle(element).backgroundColor, back(element.parentElement));
          const light = rgb => rgb.map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const pale = [];
          for (let text = texts.nextNode(); text; text = texts.nextNode()) {
            const element = text.parentElement;
            if (!text.textContent.trim() || !element.checkVisibility() || ['SCRIPT', 'NOSCRIPT', 'OPTION'].includes(element.tagName)) continue;
            const style = getComputedStyle(element);
            const under = back(element);
            const [one, other] = [light(pixel(style.color, under)), light(under)].sort((a, b) => b - a);
            const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
            const contrast = (one + 0.05) / (other + 0.05);
            if (contrast < (isLarge ? 3 : 4.5)) pale.push(`${contrast.toFixed(2)}: ${text.textContent.trim().slice(0, 60)}`);
          }
          return pale;
        }
        """;

    public static TheoryData<string, string> States => new()
    {
        { "a job that fits", "" },
        { "a job that does not fit", OpenPage.Fragment(Question.Job(training: """{"sequenceLength": 8192}""", parallelism: """{"data": 2, "pipeline": 2}""")) },
        { "a job that is at risk", OpenPage.Fragment(Question.Job(training: """{"sequenceLength": 8192, "recompute": "Full", "microBatchSize": 3}""")) },
        { "a job that cannot be", OpenPage.Fragment(Question.Job(parallelism: """{"tensor": 3}""")) },
        { "a server", OpenPage.Fragment(Question.Server()) },
        { "nonsense", "#nonsense" },
    };

    [Theory]
    [MemberData(nameof(States))]
    public async Task Every_control_has_a_name(string what, string fragment)
    {
        await using var page = await ReadyAsync(fragment);
        Assert.NotEmpty(what);
        Assert.Empty(await page.Tab.EvaluateAsync<string[]>(Nameless));
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task Text_stands_out_from_what_is_behind_it_in_light_and_dark(string what, string fragment)
    {
        Assert.NotEmpty(what);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using var page = await ReadyAsync(fragment, scheme: scheme);
            // What is folded counts as well.
            await page.Tab.EvaluateAsync("() => document.querySelectorAll('details').forEach(one => { one.open = true; })");
            Assert.Empty(await page.Tab.EvaluateAsync<string[]>(Pale));
        }
    }

    [Theory]
    [MemberData(nameof(States))]
    public async Task A_window_of_360_pixels_needs_no_scrolling_sideways(string what, string fragment)
    {
        await using var page = await ReadyAsync(fragment, width: 360);
        await page.Tab.EvaluateAsync("() => document.querySelectorAll('details').forEach(one => { one.open = true; })");
        Assert.True(await page.Tab.EvaluateAsync<int>("document.documentElement.scrollWidth") <= 360, what);
    }

    [Fact]
    public async Task The_verdict_is_said_aloud_when_it_changes()
    {
        await using var page = await ReadyAsync("");
        await Expect(page.Verdict).ToHaveAttributeAsync("aria-live", "polite");
        await Expect(page.Tab.GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("GiB expected, .* certain, up to .* of NVIDIA H100"));
    }

    [Fact]
    public async Task The_keyboard_alone_reaches_the_result_and_whatever_has_the_focus_shows_it()
    {
        await using var page = await ReadyAsync("");
        await page.Tab.Keyboard.PressAsync("Tab");
        await Expect(page.Tab.GetByText("Skip to the result")).ToBeFocusedAsync();
        await page.Tab.Keyboard.PressAsync("Tab");
        await Expect(page.Model).ToBeFocusedAsync();
        Assert.Equal("solid", await page.Model.EvaluateAsync<string>("box => getComputedStyle(box).outlineStyle"));
    }

    [Fact]
    public async Task All_of_it_is_less_than_150_KB()
    {
        await using var page = await chromium.OpenAsync();
        await Expect(page.Verdict).ToContainTextAsync("Fits");
        await Expect(page.Tab.Locator("#cluster-message")).ToContainTextAsync("--context");

        var bytes = await page.Tab.EvaluateAsync<long>("() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, one) => sum + one.encodedBodySize, 0)");
        Assert.InRange(bytes, 10_000, 150_000);
    }

    private async Task<OpenPage> ReadyAsync(string fragment, int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await chromium.OpenAsync(fragment, width, scheme);
        await Expect(page.Verdict).Not.ToContainTextAsync("Loading");
        await Expect(page.Tab.Locator("#cluster-message")).ToContainTextAsync("--context");
        return page;
    }
}
