using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

/// <summary>What is said of ModelServers, of their pods, and of the workloads that make those.</summary>
public sealed class ModelServerReviewTests
{
    private const string Deployment = """{"apiVersion": "apps/v1", "kind": "Deployment", "name": "vllm-llama"}""";

    private static readonly PoolInventory H100 = Example.Inventory(Example.Node("h100-0"));

    private static readonly string Targeting = Example.With(Example.LargeServer, "targetRef", Deployment);

    [Fact]
    public async Task A_server_that_fits_is_allowed_without_a_word()
    {
        var answer = await AskAsync("/validate-modelserver", Review.OfServer(Review.Server(Example.SmallServer)));
        Assert.Equal(["allowed", "uid"], answer.Select(member => member.Key).Order());
    }

    [Fact]
    public async Task A_server_that_cannot_start_is_allowed_with_the_verdict_and_the_fixes_as_short_warnings()
    {
        var answer = await AskAsync("/validate-modelserver", Review.OfServer(Review.Server(Example.LargeServer)));
        Assert.True((bool)answer["allowed"]!);
        var warnings = answer["warnings"]!.AsArray().Select(warning => (string)warning!).ToList();
        Assert.StartsWith("needs ", warnings[0]);
        Assert.StartsWith("fix: tensor=4 (holds ", warnings[1]);
        Assert.All(warnings, warning => Assert.InRange(warning.Length, 1, 120));
    }

    [Theory]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8C"}, "contextLength": 8}""", "model.name", "did you mean meta-llama/Llama-3.1-8B")]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8B"}}""", "contextLength", "8192 for example")]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8B"}, "contextLength": 8, "tensor": 3}""", "tensor", "use 1, 2, 4")]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8B"}, "contextLength": 8, "engine": "vllm"}""", "engine", "VLLM")]
    [InlineData("""{"model": {"name": "meta-llama/Llama-3.1-8B"}, "contextLength": 8, "memoryFraction": "2"}""", "memoryFraction", "at most 1")]
    public async Task What_cannot_be_is_refused_with_its_place_and_what_to_do(string spec, string where, string what)
    {
        var answer = await AskAsync("/validate-modelserver", Review.OfServer(Review.Server(spec)));
        Assert.False((bool)answer["allowed"]!);
        Assert.Equal(422, (int)answer["status"]!["code"]!);
        Assert.Contains(where, (string?)answer["status"]!["message"]);
        Assert.Contains(what, (string?)answer["status"]!["message"]);
    }

    [Fact]
    public async Task A_template_needs_an_author_who_may_create_pods()
    {
        await using var server = await WebhookServer.StartAsync(new FixedCluster(H100, []), new Rights(() => "ada may not create pods"));
        var spec = Example.With(Example.SmallServer, "template", """{"spec": {"containers": [{"name": "vllm"}]}}""");
        var answer = await server.AskAsync("/validate-modelserver", Review.OfServer(Review.Server(spec)));
        Assert.Equal((403, "ada may not create pods"), ((int)answer["status"]!["code"]!, (string?)answer["status"]!["message"]));
    }

    [Fact]
    public async Task A_pod_that_names_a_server_which_cannot_start_is_denied_with_the_fix_in_the_first_200_characters()
    {
        var answer = await AskAsync("/validate-pod", Review.OfPod(Pod("llama")), Example.Server("llama", Example.LargeServer));
        Assert.False((bool)answer["allowed"]!);
        var message = (string)answer["status"]!["message"]!;
        Assert.Matches(@"needs .+ GiB per GPU for a context of 32,768 tokens; NVIDIA-H100-80GB-HBM3 has .+ GiB: the weights alone are more\. Fix: tensor=4", message[..200]);
        Assert.EndsWith("More: kubectl describe modelserver/llama", message);
        Assert.Equal("Impossible", (string?)answer["auditAnnotations"]!["verdict"]);
    }

    [Fact]
    public async Task A_pod_of_a_targeted_Deployment_is_judged_by_its_ReplicaSet()
    {
        var pod = Pod(null).Replace("\"labels\": {}", """
            "labels": {"pod-template-hash": "6d4cf56db6"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "vllm-llama-6d4cf56db6", "uid": "1", "controller": true}]
            """, StringComparison.Ordinal);
        var answer = await AskAsync("/validate-pod", Review.OfPod(pod), Example.Server("llama", Targeting));
        Assert.False((bool)answer["allowed"]!);
    }

    [Theory]
    [InlineData("tensor", "4")]
    [InlineData("policy", """{"mode": "Off"}""")]
    public async Task A_pod_of_a_server_that_starts_or_is_not_judged_is_allowed_without_a_word(string field, string value)
    {
        var server = Example.Server("llama", Example.With(Example.LargeServer, field, value));
        var answer = await AskAsync("/validate-pod", Review.OfPod(Pod("llama", gpus: 4)), server);
        Assert.True((bool)answer["allowed"]!);
        Assert.Null(answer["warnings"]);
    }

    [Fact]
    public async Task A_model_of_a_family_that_nobody_knows_is_never_denied()
    {
        const string stranger = """
            {"model": {"config": {"model_type": "llama9", "hidden_size": 8192, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
             "intermediate_size": 28672, "vocab_size": 128256}}, "contextLength": 32768}
            """;
        var answer = await AskAsync("/validate-pod", Review.OfPod(Pod("llama")), Example.Server("llama", stranger));
        Assert.True((bool)answer["allowed"]!);
        Assert.Contains("needs", (string?)Assert.Single(answer["warnings"]!.AsArray()));
    }

    [Fact]
    public async Task A_label_that_names_no_server_is_allowed_with_one_warning()
    {
        var answer = await AskAsync("/validate-pod", Review.OfPod(Pod("nobody")));
        Assert.True((bool)answer["allowed"]!);
        Assert.Contains("no ModelServer 'nobody'", (string?)Assert.Single(answer["warnings"]!.AsArray()));
    }

    [Fact]
    public async Task A_Deployment_of_a_server_which_cannot_start_is_denied_when_it_is_applied()
    {
        var answer = await AskAsync("/validate-workload", Review.OfWorkload(Workload()), Example.Server("llama", Targeting));
        Assert.False((bool)answer["allowed"]!);
        Assert.Contains("Fix: tensor=4 (holds ", (string?)answer["status"]!["message"]);
    }

    [Fact]
    public async Task A_Deployment_may_be_tied_by_the_label_of_its_pods()
    {
        var labelled = Workload().Replace("\"template\": {", "\"template\": {\"metadata\": {\"labels\": {\"gpumem.io/model-server\": \"llama\"}},", StringComparison.Ordinal);
        var answer = await AskAsync("/validate-workload", Review.OfWorkload(labelled), Example.Server("llama", Example.LargeServer));
        Assert.False((bool)answer["allowed"]!);
    }

    [Fact]
    public async Task A_Deployment_that_starts_or_is_none_of_ours_is_allowed_without_a_word()
    {
        var fixedServer = Example.Server("llama", Example.With(Targeting, "tensor", "4"));
        Assert.Null((await AskAsync("/validate-workload", Review.OfWorkload(Workload(gpus: 4)), fixedServer))["warnings"]);
        Assert.Equal(["allowed", "uid"], (await AskAsync("/validate-workload", Review.OfWorkload(Workload()))).Select(member => member.Key).Order());
        Assert.Equal(["allowed", "uid"], (await AskAsync("/validate-workload", Review.OfWorkload("""{"kind": "Deployment", "spec": 1}"""))).Select(member => member.Key).Order());
    }

    [Fact]
    public async Task What_runs_already_may_be_scaled_and_deleted()
    {
        var (one, two) = (Workload(), Workload().Replace("\"replicas\": 1", "\"replicas\": 2", StringComparison.Ordinal));
        var answer = await AskAsync("/validate-workload", Review.OfWorkload(two, "UPDATE", one), Example.Server("llama", Targeting));
        Assert.True((bool)answer["allowed"]!);
        Assert.True((bool)(await AskAsync("/validate-workload", Review.OfWorkload(null, "DELETE", one), Example.Server("llama", Targeting)))["allowed"]!);
    }

    private static string Pod(string? server, int gpus = 1) => Review.Pod(server, gpus).Replace("gpumem.io/training-job", "gpumem.io/model-server", StringComparison.Ordinal);

    private static string Workload(int gpus = 1) => $$$"""
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "vllm-llama"}, "spec": {"replicas": 1, "selector": {},
         "template": {"spec": {"containers": [{"name": "vllm", "image": "vllm", "resources": {"limits": {"nvidia.com/gpu": "{{{gpus}}}"} } }] } } } }
        """;

    private static async Task<JsonObject> AskAsync(string path, string review, params ModelServer[] servers)
    {
        await using var server = await WebhookServer.StartAsync(new FixedCluster(H100, [], servers), new Rights());
        return await server.AskAsync(path, review);
    }
}
