namespace GpuMem.Page.Tests.Api;

public sealed class EstimateTests(RunningPage page) : IClassFixture<RunningPage>
{
    [Fact]
    public async Task The_terms_are_those_of_gpumem_estimate_to_the_byte()
    {
        var answer = await page.EstimateAsync(Question.Job(), Question.H100);
        var terminal = await Terminal.AnswerAsync("estimate", (string)answer["yaml"]!, Question.H100);

        Assert.Equal((string)terminal["verdict"]!, (string)answer["verdict"]!);
        AssertSame(terminal, answer["estimate"]!);
    }

    [Fact]
    public async Task What_docs_page_md_asks_with_curl_is_answered()
    {
        var line = Documents.Commands("docs/page.md").Single(command => command.StartsWith("curl ", StringComparison.Ordinal));
        var path = line[line.IndexOf("/api/", StringComparison.Ordinal)..].Split(' ')[0];
        var answer = await page.PostAsync(path, JsonNode.Parse(line[(line.IndexOf("-d '", StringComparison.Ordinal) + 4)..].TrimEnd('\''))!);

        Assert.Empty(answer["problems"]!.AsArray());
        Assert.NotNull(answer["estimate"]);
    }

    [Fact]
    public async Task A_server_is_answered_as_gpumem_inference_answers_it()
    {
        var answer = await page.EstimateAsync(Question.Server(), Question.H100);
        var terminal = await Terminal.AnswerAsync("inference", (string)answer["yaml"]!, Question.H100);

        AssertSame(terminal, answer["estimate"]!);
        Assert.Equal(terminal["capacity"]!.ToJsonString(), answer["capacity"]!.ToJsonString());
    }

    [Fact]
    public async Task A_job_that_does_not_fit_comes_with_changes_that_make_it_fit()
    {
        var job = Question.Job(training: """{"sequenceLength": 8192}""", parallelism: """{"data": 1}""");
        var answer = await page.EstimateAsync(job.DeepClone(), Question.H100);
        Assert.True((string)answer["verdict"]! is "DoesNotFit" or "Impossible", (string)answer["message"]!);

        var first = answer["suggestions"]!.AsArray()[0]!;
        var changed = await page.EstimateAsync(Merged(job, first["patch"]!), Question.H100);
        Assert.Equal((string)first["verdict"]!, (string)changed["verdict"]!);
        Assert.Equal((long)first["expectedBytes"]!, (long)changed["estimate"]!["expectedBytes"]!);
    }

    [Fact]
    public async Task Every_gpu_of_the_catalogue_gets_a_verdict_in_words()
    {
        var candidates = (await page.EstimateAsync(Question.Job(), Question.H100))["candidates"]!.AsArray();

        Assert.True(candidates.Count > 50);
        Assert.All(candidates, candidate => Assert.Contains("GiB", (string)candidate!["message"]!));
    }

    [Fact]
    public async Task Each_stage_of_a_pipeline_says_what_it_holds()
    {
        var answer = await page.EstimateAsync(Question.Job(parallelism: """{"data": 2, "pipeline": 4}"""), Question.H100);

        Assert.Equal([0, 1, 2, 3], answer["stages"]!.AsArray().Select(stage => (int)stage!["stage"]!));
        Assert.Equal((long)answer["estimate"]!["expectedBytes"]!, answer["stages"]!.AsArray().Max(stage => (long)stage!["expectedBytes"]!));
    }

    [Fact]
    public async Task Each_stage_of_a_server_says_what_it_holds()
    {
        var answer = await page.EstimateAsync(Question.Server("deepseek-ai/DeepSeek-V3", layout: """{"tensor": 8, "pipeline": 4}"""), Question.H100);
        var stages = answer["stages"]!.AsArray();

        Assert.Equal([0, 1, 2, 3], stages.Select(stage => (int)stage!["stage"]!));
        Assert.Equal((long)answer["estimate"]!["expectedBytes"]!, stages.Max(stage => (long)stage!["expectedBytes"]!));
        Assert.All(stages, stage => Assert.Contains(stage!["terms"]!.AsArray(), term => (string?)term!["name"] == "KeyValueCache" && (long)term["bytes"]! > 0));
        Assert.Single((await page.EstimateAsync(Question.Server(), Question.H100))["stages"]!.AsArray());
    }

    [Fact]
    public async Task A_config_json_in_the_manifest_is_the_model()
    {
        var answer = await page.EstimateAsync(Question.Job(model: $$"""{"config": {{Question.Config}}}"""), Question.H100);

        Assert.Equal("Fits", (string)answer["verdict"]!);
        Assert.InRange((long)answer["estimate"]!["parameters"]!, 1_200_000_000, 1_300_000_000);
    }

    [Theory]
    [InlineData("""{"sequenceLength": 8192, "recompute": "Some"}""", "training.recompute")]
    [InlineData("""{"sequenceLength": 8192, "sequenceLenght": 1}""", "training.sequenceLenght")]
    [InlineData("""{"sequenceLength": -1}""", "training.sequenceLength")]
    [InlineData("""{}""", "training.sequenceLength")]
    public async Task What_is_wrong_is_told_with_its_field(string training, string path)
    {
        var answer = await page.EstimateAsync(Question.Job(training), Question.H100);

        Assert.Equal("Invalid", (string)answer["verdict"]!);
        Assert.Contains(answer["problems"]!.AsArray(), problem => (string)problem!["path"]! == path);
    }

    [Theory]
    [InlineData("""{"manifest": 5}""")]
    [InlineData("""{"manifest": {"kind": "Pod"}}""")]
    [InlineData("""{"manifest": {"kind": "TrainingJob", "spec": 5}}""")]
    [InlineData("""{"manifest": {"kind": {"a": 1}, "spec": []}}""")]
    [InlineData("""{"manifest": "kind: [\n"}""")]
    [InlineData("""{}""")]
    public async Task Nonsense_is_told_in_words(string body)
    {
        var answer = await page.PostAsync("/api/v1/estimate", JsonNode.Parse(body)!);

        Assert.Equal("Invalid", (string)answer["verdict"]!);
        Assert.NotEmpty(answer["problems"]!.AsArray());
    }

    [Fact]
    public async Task A_gpu_that_is_not_known_is_refused_by_name() =>
        Assert.Contains("H900", (string)(await page.PostAsync("/api/v1/estimate", new JsonObject { ["manifest"] = Question.Job(), ["gpu"] = "H900" }, HttpStatusCode.BadRequest))["error"]!);

    private static void AssertSame(JsonNode terminal, JsonNode shown)
    {
        foreach (var sum in new[] { "expectedBytes", "upperBoundBytes", "lowerBoundBytes", "parameters" })
            Assert.Equal((long)terminal[sum]!, (long)shown[sum]!);
        Assert.Equal(
            terminal["terms"]!.AsArray().Select(term => $"{term!["name"]} {term["bytes"]} {term["formula"]} {term["numbers"]} {term["source"]}"),
            shown["terms"]!.AsArray().Select(term => $"{term!["name"]} {term["bytes"]} {term["formula"]} {term["numbers"]} {term["source"]}"));
    }

    private static JsonNode Merged(JsonNode target, JsonNode patch)
    {
        foreach (var (name, value) in patch.AsObject())
            if (value is JsonObject inner && target[name] is { } present)
                Merged(present, inner);
            else
                target[name] = value?.DeepClone();
        return target;
    }
}
