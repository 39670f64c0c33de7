using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.Tests.Workloads;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.Planning;
using GpuMem.TestKit;
using k8s.Models;

namespace GpuMem.Api.Tests.Decisions;

public sealed class ServerDecisionTests
{
    private static readonly PoolInventory H100 = Example.Inventory(Example.Node("h100-0"));

    [Fact]
    public void A_server_that_cannot_start_is_refused_and_its_words_say_the_size_that_can()
    {
        var decision = Of(Example.LargeServer);

        Assert.True(decision.Denies);
        Assert.Contains("Fix: tensor=4 (holds ", decision.Text);
        Assert.EndsWith("More: kubectl describe modelserver/llama", decision.Text);
    }

    [Theory]
    [InlineData("Warn", true)]
    [InlineData("Off", false)]
    public void Policy_only_warns_or_says_nothing(string mode, bool warns)
    {
        var decision = Of(Example.With(Example.LargeServer, "policy", $$"""{"mode": "{{mode}}"}"""));

        Assert.Equal((false, warns), (decision.Denies, decision.Warns));
    }

    [Fact]
    public void A_pod_is_held_against_the_pools_that_it_can_reach()
    {
        var both = Example.Inventory(Example.Node("h100-0"), Example.Node("a10g-0", "NVIDIA-A10G", "23028"));
        var server = Example.Server("llama", Example.With(Example.LargeServer, "tensor", "4"));
        var pod = new V1PodSpec { NodeSelector = new Dictionary<string, string> { ["nvidia.com/gpu.product"] = "NVIDIA-A10G" } };

        Assert.Equal(Verdict.Fits, ServerDecision.Of(server, both, NoConfigMaps.Instance).Verdict);
        Assert.True(ServerDecision.Of(server, pod, both, NoConfigMaps.Instance).Denies);
    }

    [Fact]
    public void A_pod_on_devices_that_nobody_knows_is_admitted_with_a_warning()
    {
        var pod = new V1PodSpec { Containers = [new V1Container { Name = "a", Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["habana.ai/gaudi"] = new("1") } } }] };
        var decision = ServerDecision.Of(Example.Server("llama", Example.LargeServer), pod, H100, NoConfigMaps.Instance);

        Assert.Equal((Verdict.Unknown, false, true), (decision.Verdict, decision.Denies, decision.Warns));
        Assert.Contains("the memory of habana.ai/gaudi is not known", decision.Line);
    }

    [Fact]
    public void A_pod_that_names_a_server_is_placed_and_given_its_GPUs()
    {
        var server = Example.Server("llama", Example.With(Example.LargeServer, "tensor", "4"));
        var raw = System.Text.Json.Nodes.JsonNode.Parse("""{"spec": {"containers": [{"name": "vllm"}]}}""")!.AsObject();
        var operations = PodDecision.Mutate(raw, new V1Pod { Spec = new V1PodSpec { Containers = [new V1Container { Name = "vllm" }] } }, new PodTie(server, null), H100, NoConfigMaps.Instance);

        Assert.Contains(operations, operation => operation.Path is [.., "limits", "nvidia.com/gpu"] && operation.Value?.ToString() == "4");
        Assert.Contains(operations, operation => operation.Path is [.., "nodeSelector", "nvidia.com/gpu.product"]);
    }

    public static TheoryData<string> Groups => [.. Manifest.TwoPodsOfFour("gpumem.io/model-server: llama").Select(workload => workload.Yaml), .. Manifest.RayService("gpumem.io/model-server: llama")];

    [Theory]
    [MemberData(nameof(Groups))]
    public void Pods_that_together_have_the_GPUs_of_a_replica_are_not_said_to_lack_some(string yaml)
    {
        var cluster = new FixedCluster(H100, [], [Example.Server("llama", Example.With(Example.LargeServer, "tensor", "8"), "team")]);

        Assert.Empty(WorkloadReview.Validate(Manifest.Read(yaml), "team", cluster).Warnings);
    }

    [Theory]
    [InlineData("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "{leaderWorkerTemplate: {size: 1, workerTemplate: POD}}", "all pods together ask for 4 of the 8 GPUs of one replica")]
    [InlineData("apps/v1", "Deployment", "{replicas: 2, template: POD}", "a pod asks for 4 of the 8 GPUs of one replica")]
    public void Pods_that_have_fewer_are(string version, string kind, string spec, string words)
    {
        var server = Example.Server("llama", Example.With(Example.LargeServer, "tensor", "8"), "team");
        var yaml = Manifest.Of(version, kind, spec.Replace("POD", Manifest.Template(4, "gpumem.io/model-server: llama"), StringComparison.Ordinal));

        Assert.NotEmpty(WorkloadReview.Validate(Manifest.Read(yaml), "team", new FixedCluster(H100, [], [server])).Warnings);
        var pods = Manifest.Read(yaml);
        Assert.Contains(words, ServerDecision.Of(server, pods.Pods[0].Pod.Spec!, H100, NoConfigMaps.Instance, together: GpusTogether.Of(pods, pods.Pods)).Text);
    }

    [Theory]
    [InlineData("leaderworkerset.sigs.k8s.io/name: llama", true)]
    [InlineData("ray.io/cluster: llama", true)]
    [InlineData("app: llama", false)]
    public void A_pod_is_a_part_of_its_replica_by_the_label_of_what_made_it(string label, bool isPart)
    {
        var server = Example.Server("llama", Example.With(Example.LargeServer, "tensor", "8"));
        var pod = Manifest.Read(Manifest.Of("v1", "Pod", Manifest.PodSpec(4)).Replace("{name: ft}", $"{{name: ft, labels: {{{label}}}, annotations: {{gpumem.io/rewritten: nvidia.com/gpu 0→4}}}}", StringComparison.Ordinal)).Pods[0].Pod;

        Assert.Equal(isPart, PodDecision.Validate(pod, new PodTie(server, null), H100, NoConfigMaps.Instance).Warnings.Count == 0);
    }

    private static ServerDecision Of(string spec) => ServerDecision.Of(Example.Server("llama", spec), H100, NoConfigMaps.Instance);
}
