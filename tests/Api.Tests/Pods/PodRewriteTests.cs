using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Pods;

/// <summary>What becomes of a pod, always followed by a second pass, which must find nothing to do.</summary>
public sealed class PodRewriteTests
{
    private static readonly PoolInventory Inventory = Nodes.Inventory(Nodes.H100x8("h-0").Tainted("nvidia.com/gpu", "present"));

    private const string Eight = Jobs.Easy + "\nplacement: {gpusPerNode: 8}\n";

    private static readonly string EightRanks = Eight.Replace("data: 1", "data: 8", StringComparison.Ordinal);

    [Fact]
    public void A_pod_that_asks_for_nothing_gets_gpus_pool_toleration_and_shared_memory()
    {
        var pod = Rewritten("{spec: {containers: [{name: main}]}}", EightRanks);

        Assert.Equal("8", Text(pod, "spec", "containers", "0", "resources", "limits", "nvidia.com/gpu"));
        Assert.Equal("h100", Text(pod, "spec", "nodeSelector", "karpenter.sh/nodepool"));
        Assert.Equal("nvidia.com/gpu", Text(pod, "spec", "tolerations", "0", "key"));
        Assert.Equal("/dev/shm", Text(pod, "spec", "containers", "0", "volumeMounts", "0", "mountPath"));
        Assert.Equal("Memory", Text(pod, "spec", "volumes", "0", "emptyDir", "medium"));
        Assert.Equal("nvidia.com/gpu 0→8", Text(pod, "metadata", "annotations", "gpumem.io/rewritten"));
    }

    [Fact]
    public void One_gpu_needs_no_shared_memory() => Assert.Null(Find(Rewritten("{spec: {containers: [{}]}}", Jobs.Easy), "spec", "volumes"));

    [Theory]
    [InlineData("Never", "{}", null)]
    [InlineData("IfUnset", "{}", "8")]
    [InlineData("Always", "{}", "8")]
    [InlineData("Never", "{limits: {nvidia.com/gpu: 4}}", "4")]
    [InlineData("IfUnset", "{limits: {nvidia.com/gpu: 4}}", "4")]
    [InlineData("Always", "{limits: {nvidia.com/gpu: 4}}", "8")]
    public void The_count_is_written_as_policy_says(string mode, string resources, string? gpus)
    {
        var pod = Rewritten($"{{spec: {{containers: [{{resources: {resources}}}]}}}}", $"{EightRanks}policy: {{rewrite: {mode}}}");

        Assert.Equal(gpus, Text(pod, "spec", "containers", "0", "resources", "limits", "nvidia.com/gpu"));
    }

    [Fact]
    public void Requests_stay_equal_to_limits()
    {
        var pod = Rewritten("{spec: {containers: [{resources: {requests: {nvidia.com/gpu: 4, cpu: 2}, limits: {nvidia.com/gpu: 4}}}]}}", EightRanks + "policy: {rewrite: Always}");

        Assert.Equal("8", Text(pod, "spec", "containers", "0", "resources", "requests", "nvidia.com/gpu"));
        Assert.Equal("8", Text(pod, "spec", "containers", "0", "resources", "limits", "nvidia.com/gpu"));
        Assert.Equal("2", Text(pod, "spec", "containers", "0", "resources", "requests", "cpu"));
    }

    [Fact]
    public void The_container_that_asks_is_the_trainer_and_others_keep_theirs()
    {
        var pod = Rewritten("{spec: {containers: [{}, {resources: {limits: {nvidia.com/gpu: 2}}}, {resources: {limits: {nvidia.com/gpu: 1}}}]}}", EightRanks + "policy: {rewrite: Always}");

        Assert.Null(Find(pod, "spec", "containers", "0", "resources"));
        Assert.Equal("7", Text(pod, "spec", "containers", "1", "resources", "limits", "nvidia.com/gpu"));
        Assert.Equal("1", Text(pod, "spec", "containers", "2", "resources", "limits", "nvidia.com/gpu"));
    }

    [Fact]
    public void An_init_container_with_more_gpus_does_not_keep_it_from_settling() =>
        Rewritten("{spec: {initContainers: [{resources: {limits: {nvidia.com/gpu: 16}}}], containers: [{resources: {limits: {nvidia.com/gpu: 2}}}]}}", EightRanks + "policy: {rewrite: Always}");

    [Trait("Fault", "C50")]
    [Fact]
    public void Fields_we_do_not_know_survive()
    {
        var pod = Rewritten("{apiVersion: v1, metadata: {annotations: {a/b: c}}, spec: {future: {deep: [1, 2]}, containers: [{name: x, novelty: true}]}}", EightRanks);

        Assert.Equal("[1,2]", Find(pod, "spec", "future", "deep")!.ToJsonString());
        Assert.Equal("true", Find(pod, "spec", "containers", "0", "novelty")!.ToJsonString());
        Assert.Equal("c", Text(pod, "metadata", "annotations", "a/b"));
    }

    [Fact]
    public void What_the_author_chose_is_kept()
    {
        var pod = Rewritten(
            """
            {spec: {nodeSelector: {karpenter.sh/nodepool: h100, disk: fast}, tolerations: [{key: nvidia.com/gpu, operator: Exists}],
            volumes: [{name: mine, emptyDir: {}}], containers: [{volumeMounts: [{name: mine, mountPath: /dev/shm}]}]}}
            """.ReplaceLineEndings(" "), EightRanks, Nodes.Inventory(Nodes.H100x8("h-0", "h100", ("disk", "fast")).Tainted("nvidia.com/gpu")));

        Assert.Equal("""{"karpenter.sh/nodepool":"h100","disk":"fast"}""", Find(pod, "spec", "nodeSelector")!.ToJsonString());
        Assert.Single(Find(pod, "spec", "tolerations")!.AsArray());
        Assert.Single(Find(pod, "spec", "volumes")!.AsArray());
        Assert.Single(Find(pod, "spec", "containers", "0", "volumeMounts")!.AsArray());
    }

    [Fact]
    public void A_toleration_for_everything_is_enough() =>
        Assert.Single(Find(Rewritten("{spec: {tolerations: [{operator: Exists}], containers: [{}]}}", EightRanks), "spec", "tolerations")!.AsArray());

    [Fact]
    public void A_pod_that_has_its_node_gets_no_selector() =>
        Assert.Null(Find(Rewritten("{spec: {nodeName: h-0, containers: [{}]}}", EightRanks), "spec", "nodeSelector"));

    [Fact]
    public void A_pod_for_mig_slices_is_not_given_whole_gpus() =>
        Assert.Empty(Operations(Parse("{spec: {containers: [{resources: {limits: {nvidia.com/mig-1g.10gb: 1}}}]}}"), EightRanks + "policy: {rewrite: Always}", Inventory));

    [Fact]
    public void A_pod_that_a_controller_owns_is_left_alone() =>
        Assert.Empty(Operations(Parse("{metadata: {ownerReferences: [{apiVersion: batch/v1, kind: Job, name: j, uid: u, controller: true}]}, spec: {containers: [{}]}}"), EightRanks, Inventory));

    [Theory]
    [InlineData("policy: {mode: 'Off'}")]
    [InlineData("policy: {headroomPercent: 200}")]
    public void Nothing_is_written_where_policy_is_off_or_the_job_invalid(string policy) =>
        Assert.Empty(Operations(Parse("{spec: {containers: [{}]}}"), EightRanks + policy, Inventory));

    [Fact]
    public void Nothing_is_written_where_the_job_does_not_fit() => Assert.Empty(Operations(Parse("{spec: {containers: [{}]}}"), Jobs.Impossible, Inventory));

    [Theory]
    [InlineData("{}")]
    [InlineData("{spec: null}")]
    [InlineData("{spec: {}}")]
    [InlineData("{spec: {containers: []}}")]
    [InlineData("{spec: {containers: [null]}}")]
    [InlineData("{spec: {containers: [{resources: nonsense}]}}")]
    [InlineData("{spec: {containers: nonsense}}")]
    [InlineData("{spec: {nodeSelector: nonsense, volumes: [nonsense], containers: [{}]}}")]
    public void A_template_of_any_shape_is_answered_without_an_exception(string template)
    {
        var job = Jobs.Of(EightRanks);
        var decision = JobDecision.Of(job, Inventory, NoConfigMaps.Instance);
        var raw = Parse(template);

        PatchOperation.Apply(raw, PodRewrite.Operations(raw, decision));

        Assert.Empty(PodRewrite.Operations(raw, decision));
    }

    private static JsonObject Rewritten(string pod, string spec, PoolInventory? inventory = null)
    {
        var raw = Parse(pod);
        PatchOperation.Apply(raw, Operations(raw, spec, inventory ?? Inventory));
        Assert.Empty(Operations(raw, spec, inventory ?? Inventory));
        return raw;
    }

    private static IReadOnlyList<PatchOperation> Operations(JsonObject raw, string spec, PoolInventory inventory)
    {
        var pod = KubernetesJson.Default.Deserialize<V1Pod>(JsonSerializer.SerializeToUtf8Bytes(raw))!;
        return PodDecision.Mutate(raw, pod, new PodTie(Jobs.Of(spec), null), inventory, NoConfigMaps.Instance);
    }

    private static JsonObject Parse(string yaml) => KubernetesYaml.LoadAllFromString(yaml)[0].AsObject();

    private static string? Text(JsonNode pod, params string[] path) => Find(pod, path) is { } node ? node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString() : null;

    private static JsonNode? Find(JsonNode pod, params string[] path) => path.Aggregate<string, JsonNode?>(pod, (node, part) =>
        node is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : node?[part]);
}
