namespace GpuMem.Page.Tests.Api;

public sealed class CatalogueTests(RunningPage page) : IClassFixture<RunningPage>
{
    [Theory]
    [InlineData("llama 8b", "meta-llama/Llama-3.1-8B")]
    [InlineData("QWEN3-8B", "Qwen/Qwen3-8B")]
    public async Task A_model_is_found_by_words_of_its_name(string search, string name) => Assert.Contains(name, await NamesAsync(search));

    [Fact]
    public async Task A_variant_of_a_model_is_found_under_its_own_name() => Assert.Equal(["Llama-3.1-8B-Instruct-AWQ"], await NamesAsync("Llama-3.1-8B-Instruct-AWQ"));

    [Fact]
    public async Task What_is_not_built_in_gets_close_names()
    {
        var answer = await page.GetAsync("/api/v1/models?search=lllama-3.1-8b");

        Assert.Empty(answer["models"]!.AsArray());
        Assert.Contains("did you mean", (string)answer["problem"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_field_has_the_choices_and_bounds_of_the_resource()
    {
        var fields = await page.GetAsync("/api/v1/fields");

        Assert.Contains("QLoRA", fields["TrainingJob"]!["training.method"]!["choices"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(1, (double)fields["TrainingJob"]!["training.sequenceLength"]!["minimum"]!);
        Assert.Contains("VLLM", fields["ModelServer"]!["engine"]!["choices"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private async Task<IEnumerable<string>> NamesAsync(string search) =>
        (await page.GetAsync($"/api/v1/models?search={Uri.EscapeDataString(search)}"))["models"]!.AsArray().Select(model => (string)model!["name"]!);
}
