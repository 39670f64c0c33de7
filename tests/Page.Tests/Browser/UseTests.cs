using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GpuMem.Page.Tests.Browser;

/// <summary>What a person does on the page.</summary>
[Collection(BrowserCollection.Name)]
public sealed class UseTests(Chromium chromium)
{
    [Fact]
    public async Task A_model_is_found_and_chosen_by_keyboard()
    {
        await using var page = await chromium.OpenAsync();
        await page.Model.FillAsync("qwen3 8b");
        await Expect(page.Tab.GetByRole(AriaRole.Option).First).ToBeVisibleAsync();
        await page.Model.PressAsync("ArrowDown");
        await page.Model.PressAsync("Enter");

        await Expect(page.Tab.Locator("#model-facts")).ToContainTextAsync("Qwen3-8B");
        await Expect(page.Yaml).ToHaveValueAsync(Like("name: Qwen/Qwen3-8B"));
    }

    [Fact]
    public async Task A_model_that_is_not_built_in_is_told_with_close_names()
    {
        await using var page = await chromium.OpenAsync();
        await page.Model.FillAsync("lllama-3.1-8b");
        await Expect(page.Tab.GetByRole(AriaRole.Listbox)).ToContainTextAsync("did you mean");

        await page.Model.PressAsync("Escape");
        await Expect(page.Model).ToHaveValueAsync("meta-llama/Llama-3.1-8B");
    }

    [Fact]
    public async Task A_config_json_that_is_dropped_is_the_model()
    {
        await using var page = await chromium.OpenAsync();
        await Expect(page.Verdict).ToContainTextAsync("Fits");
        await DropAsync(page, Question.Config);

        await Expect(page.Tab.Locator("#model-facts")).ToContainTextAsync("1,235,814,400 parameters");
        await Expect(page.Yaml).ToHaveValueAsync(Like("hidden_size: 2048"));
    }

    [Fact]
    public async Task A_config_json_that_is_chosen_or_pasted_is_the_model()
    {
        await using var page = await chromium.OpenAsync();
        await page.Tab.Locator("#config-file").SetInputFilesAsync(new FilePayload { Name = "config.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(Question.Config) });
        await Expect(page.Yaml).ToHaveValueAsync(Like("hidden_size: 2048"));

        await page.Tab.GetByText("Paste a config.json").ClickAsync();
        await page.Control("Text of a config.json").FillAsync("""{"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "vocab_size": 50257, "n_positions": 1024}""");
        await page.Button("Use this config.json").ClickAsync();
        await Expect(page.Yaml).ToHaveValueAsync(Like("n_embd: 768"));
        // One takes the place of the other; they are not mixed.
        Assert.DoesNotContain("hidden_size", await page.Yaml.InputValueAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slider_moves_the_bar()
    {
        await using var page = await chromium.OpenAsync();
        var bar = page.Tab.GetByRole(AriaRole.Img);
        await Expect(bar).ToHaveAttributeAsync("aria-label", Like("GiB expected"));
        var before = await bar.GetAttributeAsync("aria-label");

        await page.Control("Sequence length, slider").PressAsync("ArrowRight");

        await Expect(page.Yaml).ToHaveValueAsync(Like("sequenceLength: 16384"));
        await Expect(bar).Not.ToHaveAttributeAsync("aria-label", before!);
        await Expect(page.Control("Sequence length, tokens")).ToHaveValueAsync("16384");
    }

    [Fact]
    public async Task A_suggestion_applies_itself_and_Back_takes_it_away()
    {
        await using var page = await chromium.OpenAsync(OpenPage.Fragment(Question.Job(training: """{"sequenceLength": 32768}""")));
        await Expect(page.Verdict).ToContainTextAsync("Does not fit");
        var before = await page.Yaml.InputValueAsync();

        await page.Suggestions.First.ClickAsync();
        await Expect(page.Verdict).Not.ToContainTextAsync("Does not fit");
        Assert.NotEqual(before, await page.Yaml.InputValueAsync());

        await page.Tab.GoBackAsync();
        await Expect(page.Verdict).ToContainTextAsync("Does not fit");
        await Expect(page.Yaml).ToHaveValueAsync(before);
    }

    [Fact]
    public async Task The_yaml_that_is_copied_gives_the_same_bytes_on_a_terminal()
    {
        await using var page = await chromium.OpenAsync();
        await page.Control("Micro-batch, slider").PressAsync("ArrowRight");
        await Expect(page.Yaml).ToHaveValueAsync(Like("microBatchSize: 2"));
        await page.Button("Copy").ClickAsync();
        await Expect(page.Tab.Locator("#manifest-said")).ToHaveTextAsync("Copied.");
        var copied = await page.Tab.EvaluateAsync<string>("navigator.clipboard.readText()");

        var terminal = await Terminal.AnswerAsync("estimate", copied, Question.H100);
        var answer = await chromium.Page.PostAsync("/api/v1/estimate", new JsonObject { ["manifest"] = copied, ["gpu"] = Question.H100 });
        Assert.Equal((long)terminal["expectedBytes"]!, (long)answer["estimate"]!["expectedBytes"]!);
        await Expect(page.Tab.Locator(".terms .sum").First).ToHaveTextAsync($"expected{GiB(terminal["expectedBytes"]!)}");
        foreach (var term in terminal["terms"]!.AsArray())
            await Expect(page.Tab.Locator($"details[data-name={term!["name"]}] .size")).ToHaveTextAsync(GiB(term["bytes"]!));
    }

    [Fact]
    public async Task A_manifest_is_read_back()
    {
        await using var page = await chromium.OpenAsync();
        await Expect(page.Yaml).ToHaveValueAsync(Like("kind: TrainingJob"));
        await page.Yaml.FillAsync("{kind: ModelServer, spec: {model: {name: mistralai/Mistral-7B-v0.1}, contextLength: 4096}}");
        await page.Button("Read back").ClickAsync();

        await Expect(page.Model).ToHaveValueAsync("mistralai/Mistral-7B-v0.1");
        await Expect(page.Tab.GetByRole(AriaRole.Radio, new PageGetByRoleOptions { Name = "Serving" })).ToBeCheckedAsync();
        await Expect(page.Tab.Locator("#facts")).ToContainTextAsync("of cache hold");
    }

    [Fact]
    public async Task What_is_wrong_with_a_manifest_is_told_beside_it()
    {
        await using var page = await chromium.OpenAsync();
        await Expect(page.Verdict).ToContainTextAsync("Fits");
        await page.Yaml.FillAsync("kind: TrainingJob\nspec: {trainer: x}");
        await page.Button("Read back").ClickAsync();

        await Expect(page.Tab.Locator("#manifest-said")).ToContainTextAsync("trainer: no such field");
        await Expect(page.Yaml).ToHaveValueAsync(Like("trainer: x"));
    }

    [Fact]
    public async Task A_term_says_why_it_is_what_it_is()
    {
        await using var page = await chromium.OpenAsync();
        await page.Tab.Locator("details[data-name=Weights] summary").ClickAsync();

        await Expect(page.Tab.Locator("details[data-name=Weights]")).ToContainTextAsync("8,030,261,248");
        await Expect(page.Tab.Locator("details[data-name=Weights]")).ToContainTextAsync("Source");
    }

    [Fact]
    public async Task Each_stage_of_a_pipeline_has_its_bar()
    {
        await using var page = await chromium.OpenAsync();
        await page.Control("Pipeline").FillAsync("4");
        await page.Control("Pipeline").PressAsync("Enter");

        await Expect(page.Tab.Locator("#stages li")).ToHaveCountAsync(4);
    }

    [Fact]
    public async Task Each_stage_of_a_server_has_its_bar()
    {
        await using var page = await chromium.OpenAsync(OpenPage.Fragment(Question.Server("meta-llama/Llama-3.1-70B", layout: """{"tensor": 4}""")));
        await Expect(page.Tab.Locator("#stages-part")).ToBeHiddenAsync();
        await page.Control("Pipeline").FillAsync("3");
        await page.Control("Pipeline").PressAsync("Enter");

        await Expect(page.Tab.Locator("#stages li")).ToHaveCountAsync(3);
        await Expect(page.Tab.Locator("#stages li").First).ToContainTextAsync("GiB");
        await Expect(page.Tab.Locator("#stages li i[data-term=KeyValueCache]")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task A_field_that_is_wrong_is_marked_and_explained()
    {
        await using var page = await chromium.OpenAsync();
        await page.Control("Tensor").FillAsync("3");
        await page.Control("Tensor").PressAsync("Enter");

        await Expect(page.Verdict).ToContainTextAsync("Cannot run");
        await Expect(page.Control("Tensor")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.Tab.Locator("#problems")).ToContainTextAsync("parallelism.tensor");
    }

    [Fact]
    public async Task Another_gpu_is_chosen_in_the_table()
    {
        await using var page = await chromium.OpenAsync();
        await page.Tab.Locator("#candidates").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "NVIDIA L40S 48GB" }).ClickAsync();

        await Expect(page.Verdict).ToContainTextAsync("L40S");
        await Expect(page.Control("Held against")).ToHaveValueAsync("NVIDIA L40S 48GB");
    }

    internal static async Task DropAsync(OpenPage page, string text)
    {
        var transfer = await page.Tab.EvaluateHandleAsync("text => { const data = new DataTransfer(); data.items.add(new File([text], 'config.json', { type: 'application/json' })); return data; }", text);
        await page.Tab.Locator("#drop").DispatchEventAsync("drop", new { dataTransfer = transfer });
    }

    private static System.Text.RegularExpressions.Regex Like(string text) => new(System.Text.RegularExpressions.Regex.Escape(text));

    private static string GiB(JsonNode bytes) => string.Create(CultureInfo.InvariantCulture, $"{(long)bytes / (double)(1L << 30):0.0} GiB");
}
