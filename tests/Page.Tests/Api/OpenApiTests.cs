using GpuMem.Page.Cluster;
using GpuMem.Page.Endpoints;

namespace GpuMem.Page.Tests.Api;

/// <summary>Whoever reads the description knows what comes.</summary>
public sealed class OpenApiTests(RunningPage page) : IClassFixture<RunningPage>
{
    public static TheoryData<string, string> Questions => new()
    {
        { "/api/v1/models", "" },
        { "/api/v1/models?search=llama", "" },
        { "/api/v1/models?search=nothing-of-that-name", "" },
        { "/api/v1/gpus", "" },
        { "/api/v1/fields", "" },
        { "/api/v1/cluster", "" },
        { "/api/v1/openapi.json", "" },
        { "/api/v1/estimate", Body(Question.Job(), Question.H100) },
        { "/api/v1/estimate", Body(Question.Job(parallelism: """{"pipeline": 2, "data": "Auto"}"""), null) },
        { "/api/v1/estimate", Body(Question.Job(training: """{"sequenceLength": 1000000}""", parallelism: """{"data": 1}"""), Question.H100) },
        { "/api/v1/estimate", Body(Question.Server(), Question.H100) },
        { "/api/v1/estimate", Body(Question.Server("meta-llama/Llama-3.1-70B"), "a10g") },
        { "/api/v1/estimate", Body(Question.Server("meta-llama/Llama-3.1-70B", layout: """{"tensor": 2, "pipeline": 2}"""), null) },
        { "/api/v1/estimate", Body("no manifest", null) },
        { "/api/v1/manifest", Body(Question.Job(), null) },
        { "/api/v1/manifest", Body("no manifest", null) },
    };

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task Every_answer_is_as_described(string path, string body)
    {
        var operation = (await page.GetAsync("/api/v1/openapi.json"))["paths"]![path.Split('?')[0]]!.AsObject();
        var (method, described) = (operation.Single().Key, operation.Single().Value!);

        var answer = method == "get" ? await page.GetAsync(path) : await page.PostAsync(path, JsonNode.Parse(body)!);

        Assert.Empty(SchemaFaults.Of(answer, described["responses"]!["200"]!["content"]!["application/json"]!["schema"]!));
        if (method == "post")
            Assert.Empty(SchemaFaults.Of(JsonNode.Parse(body), described["requestBody"]!["content"]!["application/json"]!["schema"]!));
    }

    [Fact]
    public void Every_endpoint_is_asked_here() =>
        Assert.Empty(ApiEndpoints.All(cluster: null).Select(endpoint => endpoint.Path).Except(Questions.Select(question => question.Data.Item1.Split('?')[0])));

    [Fact]
    public async Task Every_endpoint_is_described() => Assert.Equal(
        ApiEndpoints.All(cluster: null).Select(endpoint => endpoint.Path).Where(path => !path.EndsWith("openapi.json", StringComparison.Ordinal)),
        (await page.GetAsync("/api/v1/openapi.json"))["paths"]!.AsObject().Select(path => path.Key).Where(path => !path.EndsWith("openapi.json", StringComparison.Ordinal)));

    private static string Body(JsonNode manifest, string? gpu)
    {
        var body = new JsonObject { ["manifest"] = manifest };
        if (gpu is not null)
            body["gpu"] = gpu;
        return body.ToJsonString();
    }
}
