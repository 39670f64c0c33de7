using System.Text.Json.Nodes;
using GpuMem.Kubernetes;

namespace GpuMem.Cli.Tests;

/// <summary><c>-o</c>: what is told to people is there for machines, too.</summary>
public sealed class OutputTests
{
    private const string Trains = "kind: Pod\nspec: {containers: [{name: train, command: [torchrun, --nproc_per_node=8, run_clm.py, --model_name_or_path, meta-llama/Llama-3.1-70B, --block_size, '4096', --bf16, --output_dir, /out], resources: {limits: {nvidia.com/gpu: 4}}}]}";

    private const string Serves = "kind: Pod\nspec: {containers: [{name: engine, command: [vllm, serve, meta-llama/Llama-3.1-70B-Instruct, --max-model-len, 8K, --port, '80']}]}";

    private static readonly string[] Job = ["-m", "llama-3.1-8b", "-s", "8192", "--gpus", "8", "--gpu", "l4-24gb"];

    [Fact]
    public async Task A_job_is_explained_to_machines_as_it_is_estimated()
    {
        var explained = await Run.Of(["explain", .. Job, "-o", "json"]);
        Assert.Equal((2, (await Run.Of(["estimate", .. Job, "-o", "json"])).Output), (explained.Status, explained.Output));
        Assert.Equal(["formula", "numbers", "source"], ((JsonObject)explained.Json["terms"]![0]!).Select(field => field.Key).Intersect(["formula", "numbers", "source"]));
        Same(explained.Output, (await Run.Of(["explain", .. Job, "-o", "yaml"])).Output);
    }

    [Fact]
    public async Task A_server_is_explained_to_machines_as_it_is_estimated()
    {
        using var folder = new Folder();
        var file = folder.Write("served.yaml", "kind: Inference\nspec: {model: {name: meta-llama/Llama-3.1-70B}, contextLength: 8192}");
        Assert.Equal(await Run.Of("estimate", "-f", file, "--gpu", "h100-80gb", "-o", "json"), await Run.Of("explain", "-f", file, "--gpu", "h100-80gb", "-o", "json"));
    }

    [Fact]
    public async Task The_training_of_a_pod_is_told_with_its_words_its_manifest_and_its_estimate()
    {
        using var folder = new Folder();
        var pod = folder.Write("pod.yaml", Trains);
        var told = await Run.Of("explain", "-f", pod, "--gpu", "h100-80gb", "-o", "json");
        var container = Assert.Single(told.Json.AsArray())!;
        Assert.Equal((2, "train", "--output_dir /out", "true"), (told.Status, (string?)container["container"], (string?)container["withoutEffect"]![0], container["certain"]!.ToJsonString()));
        Assert.Contains("set nvidia.com/gpu to 8", (string?)container["division"]);
        Assert.NotEmpty(container["estimate"]!["suggestions"]!.AsArray());
        var manifest = (await Run.Of("explain", "-f", pod, "-o", "yaml")).Output;
        Same(container["manifest"]!.ToJsonString(), manifest[manifest.IndexOf("---\n", StringComparison.Ordinal)..]);
    }

    [Fact]
    public async Task The_engine_of_a_pod_is_told_with_its_words_and_the_flags_that_would_make_it_fit()
    {
        using var folder = new Folder();
        var told = await Run.Of("explain", "-f", folder.Write("pod.yaml", Serves), "--gpu", "h100-80gb", "-o", "json");
        var container = Assert.Single(told.Json.AsArray())!;
        Assert.Equal((2, "engine", "--port 80"), (told.Status, (string?)container["container"], (string?)container["withoutEffect"]![0]));
        Assert.Contains("--tensor-parallel-size", (string?)container["fixFlags"]![0]);
        Assert.Equal("Impossible", (string?)container["estimate"]!["verdict"]);
    }

    [Theory]
    [InlineData(Trains, "--output_dir, /out", "--of_tomorrow, '80'")]
    [InlineData(Serves, "--port", "--of-tomorrow")]
    public async Task By_what_is_not_certain_machines_are_told_of_no_denial(string pod, string said, string unknown)
    {
        using var folder = new Folder();
        var told = await Run.Of("explain", "-f", folder.Write("pod.yaml", pod.Replace(said, unknown, StringComparison.Ordinal)), "--gpu", "l4-24gb", "-o", "json");
        var container = Assert.Single(told.Json.AsArray())!;
        Assert.Equal((0, "Unknown", "false"), (told.Status, (string?)container["estimate"]!["verdict"], container["certain"]!.ToJsonString()));
        Assert.NotEmpty(container["notUnderstood"]!.AsArray());
    }

    [Fact]
    public async Task Names_alone_are_for_scripts()
    {
        using var folder = new Folder();
        var nodes = folder.Write("nodes.yaml", """
            kind: Node
            metadata: {name: a, labels: {karpenter.sh/nodepool: h200, nvidia.com/gpu.product: NVIDIA-H200, nvidia.com/gpu.memory: "143771"}}
            status: {allocatable: {nvidia.com/gpu: "8"}}
            ---
            kind: Node
            metadata: {name: b, labels: {karpenter.sh/nodepool: l4, nvidia.com/gpu.product: NVIDIA-L4, nvidia.com/gpu.memory: "23034"}}
            status: {allocatable: {nvidia.com/gpu: "1"}}
            """);
        Assert.Equal("h200\nl4\n", (await Run.Of("pools", "--nodes", nodes, "-o", "name")).Output);
        Assert.Equal("h200\n", (await Run.Of("plan", "-m", "llama-3.1-8b", "-s", "4096", "--nodes", nodes, "-o", "name")).Output);
        Assert.Equal("meta-llama/Llama-3.1-8B\n", (await Run.Of("model", "llama-3.1-8b", "-o", "name")).Output);
        Assert.Contains("NVIDIA H100 SXM 80GB\n", (await Run.Of("gpus", "-o", "name")).Output);
        (await Run.Of(["estimate", .. Job, "-o", "name"])).Failed("name", "json");
    }

    [Theory]
    [InlineData("estimate")]
    [InlineData("explain")]
    [InlineData("plan")]
    [InlineData("pools")]
    [InlineData("admit")]
    [InlineData("top")]
    [InlineData("model")]
    [InlineData("inference")]
    [InlineData("gpus")]
    public async Task Every_answer_has_a_form_for_people_a_wider_one_and_two_for_machines(string command)
    {
        var help = (await Run.Of(command, "--help")).Output;
        Assert.All(["text", "wide", "json", "yaml"], format => Assert.Matches($@"--output <[a-z|]*\b{format}\b[a-z|]*>", help));
    }

    [Theory]
    [InlineData("--prometheus", "localhost:9090", "such as http://localhost:9090")]
    [InlineData("--over", "24q", "such as 2h or 7d")]
    [InlineData("--over", "1h] or up[1h", "such as 2h or 7d")]
    public async Task Where_and_how_long_to_look_back_is_said_as_Prometheus_does(string flag, string value, string says) =>
        (await Run.Of("top", flag, value)).Failed(flag, says);

    [Fact]
    public async Task What_does_not_run_cannot_be_observed() =>
        (await Run.Of(["explain", .. Job, "--prometheus", "http://localhost:9090"])).Failed("--prometheus", "TYPE/NAME");

    [Theory]
    [InlineData("--gpu", "h100-80gb")]
    [InlineData("-f", "pod.yaml")]
    [InlineData("--sequence-length", "8192")]
    public async Task What_is_in_a_cluster_is_explained_as_it_is_there(string flag, string value) =>
        (await Run.Of("explain", "trainingjob/x", flag, value)).Failed("trainingjob/x", "leave out --");

    [Fact]
    public async Task Only_a_cluster_is_watched() =>
        (await Run.Of(["explain", .. Job, "--watch"])).Failed("--watch is for TYPE/NAME");

    private static void Same(string json, string yaml) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(Assert.Single(KubernetesYaml.LoadAllFromString(yaml)).ToJsonString())), yaml);
}
