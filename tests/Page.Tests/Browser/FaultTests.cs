using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GpuMem.Page.Tests.Browser;

/// <summary>Whatever goes wrong, the page says so in words and goes on.</summary>
[Collection(BrowserCollection.Name)]
public sealed class FaultTests(Chromium chromium)
{
    [Fact]
    public async Task A_file_of_twenty_megabytes_is_refused_by_its_size()
    {
        await using var page = await chromium.OpenAsync();
        await Expect(page.Verdict).ToContainTextAsync("Fits");
        await UseTests.DropAsync(page, new string(' ', 20 << 20));

        await Expect(page.Notice).ToContainTextAsync("20,971,520 bytes");
        await Expect(page.Verdict).ToContainTextAsync("Fits");
    }

    [Theory]
    [InlineData("{", "is not JSON")]
    [InlineData("[1, 2]", "one object")]
    public async Task A_file_that_is_no_config_json_is_told(string text, string words)
    {
        await using var page = await chromium.OpenAsync();
        await Expect(page.Verdict).ToContainTextAsync("Fits");
        await UseTests.DropAsync(page, text);

        await Expect(page.Notice).ToContainTextAsync(words);
    }

    [Fact]
    public async Task A_config_json_without_dimensions_says_what_it_lacks()
    {
        await using var page = await chromium.OpenAsync();
        await UseTests.DropAsync(page, """{"model_type": "llama"}""");

        await Expect(page.Verdict).ToContainTextAsync("Cannot run");
        await Expect(page.Tab.Locator("#problems")).ToContainTextAsync("hidden_size");
    }

    [Theory]
    [InlineData("#nonsense")]
    [InlineData("#%%%")]
    [InlineData("#q1YqSS0uUbJSMlSqBQA")]
    public async Task An_address_with_nonsense_is_told_and_the_usual_start_is_shown(string fragment)
    {
        await using var page = await chromium.OpenAsync(fragment);

        await Expect(page.Notice).ToContainTextAsync("no question that can be read");
        await Expect(page.Verdict).ToContainTextAsync("Fits");
    }

    [Fact]
    public async Task An_address_with_a_manifest_that_is_wrong_says_what_is_wrong()
    {
        var job = Question.Job();
        job["spec"]!["training"] = 5;
        await using var page = await chromium.OpenAsync(OpenPage.Fragment(job));

        await Expect(page.Verdict).ToContainTextAsync("training");
        await page.Control("Sequence length, tokens").FillAsync("4096");
        await page.Control("Sequence length, tokens").PressAsync("Enter");
        await Expect(page.Verdict).ToContainTextAsync("GiB");
    }

    [Fact]
    public async Task Two_tabs_keep_their_own_questions_and_an_address_shows_the_same_elsewhere()
    {
        await using var first = await chromium.OpenAsync();
        var second = await first.Tab.Context.NewPageAsync();
        await second.GotoAsync(chromium.Page.Url.ToString());
        await Expect(second.Locator("#verdict")).ToContainTextAsync("Fits");
        await first.Control("Micro-batch, sequences").FillAsync("3");
        await first.Control("Micro-batch, sequences").PressAsync("Enter");
        await Expect(first.Yaml).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("microBatchSize: 3"));

        await second.ReloadAsync();
        await Expect(second.Locator("#yaml")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("microBatchSize: 1"));

        await using var elsewhere = await chromium.OpenAsync(new Uri(first.Tab.Url).Fragment);
        await Expect(elsewhere.Yaml).ToHaveValueAsync(await first.Yaml.InputValueAsync());
    }

    [Fact]
    public async Task A_late_answer_never_takes_the_place_of_a_newer_one()
    {
        await using var page = await chromium.OpenAsync();
        await Expect(page.Verdict).ToContainTextAsync("Fits");
        var released = new TaskCompletionSource();
        await page.Tab.RouteAsync("**/api/v1/estimate", async route =>
        {
            if (route.Request.PostData!.Contains("\"sequenceLength\":16384", StringComparison.Ordinal))
                await released.Task;
            try
            {
                await route.ContinueAsync();
            }
            catch (PlaywrightException)
            {
                // The page has given it up.
            }
        });
        var slider = page.Control("Sequence length, slider");
        await slider.PressAsync("ArrowRight");
        await slider.PressAsync("ArrowRight");
        await Expect(page.Yaml).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("sequenceLength: 32768"));
        released.SetResult();
        await slider.PressAsync("ArrowRight");

        await Expect(page.Yaml).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("sequenceLength: 65536"));
    }

    [Fact]
    public async Task A_server_that_has_gone_is_told()
    {
        await using var page = await chromium.OpenAsync();
        await Expect(page.Verdict).ToContainTextAsync("Fits");
        await page.Tab.RouteAsync("**/api/v1/**", route => route.AbortAsync());
        await page.Control("Micro-batch, slider").PressAsync("ArrowRight");

        await Expect(page.Notice).ToContainTextAsync("does not answer");
    }

    [Fact]
    public async Task Without_a_cluster_the_page_says_how_to_show_one()
    {
        await using var page = await chromium.OpenAsync();

        await Expect(page.Tab.Locator("#cluster-message")).ToContainTextAsync("--context");
    }
}
