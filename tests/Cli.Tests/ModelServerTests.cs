namespace GpuMem.Cli.Tests;

/// <summary>Questions about serving, by flags, by an Inference file and by a ModelServer.</summary>
public sealed class ModelServerTests : IDisposable
{
    private const string Spec = "spec: {model: {name: meta-llama/Llama-3.1-70B}, contextLength: 32768, memoryFraction: '0.9'}";

    private const string Server = "apiVersion: gpumem.io/v1alpha1\nkind: ModelServer\nmetadata: {name: llama}\n" + Spec + "\n";

    private const string Pod = """
        ---
        kind: Pod
        metadata: {name: vllm, labels: {gpumem.io/model-server: llama}}
        spec: {containers: [{name: vllm, image: vllm, resources: {limits: {nvidia.com/gpu: 1}}}]}
        """;

    private static readonly string Nodes = Path.Combine(RepositoryRoot.Path, "config", "samples", "nodes", "h100.yaml");

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_Inference_file_and_a_ModelServer_with_the_same_fields_get_the_same_answer()
    {
        var inference = await Run.Of("inference", "-f", _folder.Write("a.yaml", "kind: Inference\n" + Spec), "--gpu", "h100-80gb");
        var server = await Run.Of("inference", "-f", _folder.Write("b.yaml", Server), "--gpu", "h100-80gb");
        var flags = await Run.Of("inference", "-m", "meta-llama/Llama-3.1-70B", "-s", "32768", "--gpu-memory-utilization", "0.9", "--gpu", "h100-80gb");

        Assert.Equal((2, ""), (server.Status, server.Error));
        Assert.Equal(inference.Output, server.Output);
        Assert.Equal(flags.Output, server.Output);
        Assert.Contains("Fix: tensor=4 (holds ", server.Output);
    }

    [Fact]
    public async Task A_flag_goes_over_the_file()
    {
        var file = _folder.Write("a.yaml", Server);
        Assert.Equal(0, (await Run.Of("inference", "-f", file, "--gpu", "h100-80gb", "--tensor", "4", "-s", "8192")).Status);
    }

    [Fact]
    public async Task JSON_has_the_verdict_and_the_suggestions()
    {
        var answer = (await Run.Of("inference", "-f", _folder.Write("a.yaml", Server), "--gpu", "h100-80gb", "-o", "json")).Json;
        Assert.Equal("Impossible", (string?)answer["verdict"]);
        Assert.Contains(answer["suggestions"]!.AsArray(), suggestion => (string?)suggestion == "tensor: 4");
    }

    [Fact]
    public async Task The_smallest_servers_are_named_with_what_they_hold()
    {
        var run = await Run.Of("inference", "-m", "meta-llama/Llama-3.1-8B", "--smallest");
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Matches(@"(?m)^  1 × .+ GiB   holds [0-9,]+ tokens, a context of [0-9,]+$", run.Output);
        Assert.NotEmpty((await Run.Of("inference", "-m", "meta-llama/Llama-3.1-8B", "--smallest", "-o", "json")).Json.AsArray());
    }

    [Fact]
    public async Task A_pod_of_a_server_is_judged_as_a_cluster_would()
    {
        var run = await Run.Of("admit", "-f", _folder.Write("a.yaml", Server + Pod), "--nodes", Nodes);
        Assert.Equal(2, run.Status);
        Assert.Contains("pod/vllm: denied", run.Output);
        Assert.Contains("More: kubectl describe modelserver/llama", run.Output);
    }

    [Fact]
    public async Task A_server_alone_is_allowed_and_its_pods_are_not()
    {
        var run = await Run.Of("admit", "-f", _folder.Write("a.yaml", Server), "--nodes", Nodes);
        Assert.Equal(2, run.Status);
        Assert.Contains("modelserver/llama: allowed with a warning, its pods denied", run.Output);
    }

    [Fact]
    public async Task A_field_that_does_not_exist_is_an_error() =>
        (await Run.Of("inference", "-f", _folder.Write("a.yaml", Server.Replace("contextLength", "contextlength", StringComparison.Ordinal)))).Failed("spec.contextlength: no such field");
}
