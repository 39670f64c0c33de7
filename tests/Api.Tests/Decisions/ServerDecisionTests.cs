using GpuMem.Api.Decisions;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
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

    private static ServerDecision Of(string spec) => ServerDecision.Of(Example.Server("llama", spec), H100, NoConfigMaps.Instance);
}
