namespace GpuMem.Page.Tests.Api;

public sealed class ManifestTests(RunningPage page) : IClassFixture<RunningPage>
{
    [Fact]
    public async Task A_file_becomes_a_manifest_and_the_manifest_the_same_file()
    {
        var file = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "config/samples/jobs/llama-70b-sft.yaml"));
        var first = await ReadAsync(file);
        var second = await ReadAsync((string)first["yaml"]!);

        Assert.Equal("TrainingJob", (string)first["kind"]!);
        Assert.Equal((string)first["yaml"]!, (string)second["yaml"]!);
        Assert.True(JsonNode.DeepEquals(first["manifest"], second["manifest"]));
    }

    [Fact]
    public async Task What_a_cluster_adds_is_left_out()
    {
        var read = await ReadAsync("""
            apiVersion: gpumem.io/v1alpha1
            kind: ModelServer
            metadata:
              name: chat
              uid: 1-2-3
              annotations:
                kubectl.kubernetes.io/last-applied-configuration: "{}"
            spec:
              model: {name: llama-3.1-8b}
              contextLength: 8192
            status: {phase: Ready}
            """);

        Assert.Equal("""{"name":"chat"}""", read["manifest"]!["metadata"]!.ToJsonString());
        Assert.DoesNotContain("status", (string)read["yaml"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_for_gpumem_inference_is_read_as_a_model_server() =>
        Assert.Equal("ModelServer", (string)(await ReadAsync("{kind: Inference, spec: {model: {name: llama-3.1-8b}, contextLength: 4096}}"))["kind"]!);

    [Theory]
    [InlineData("kind: Pod", "no TrainingJob and no ModelServer")]
    [InlineData("a: b: c", "line 1")]
    [InlineData("{kind: TrainingJob}\n---\n{kind: ModelServer}", "there are 2")]
    [InlineData("{kind: TrainingJob, spec: {trainer: x}}", "no such field")]
    public async Task What_cannot_be_read_is_told(string file, string words)
    {
        var read = await ReadAsync(file);

        Assert.Null(read["manifest"]);
        Assert.Contains(words, read["problems"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private Task<JsonNode> ReadAsync(string file) => page.PostAsync("/api/v1/manifest", new JsonObject { ["manifest"] = file });
}
