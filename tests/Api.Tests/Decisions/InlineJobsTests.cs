using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Nodes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Decisions;

public sealed class InlineJobsTests
{
    [Fact]
    public void A_pod_may_carry_its_own_description()
    {
        var decision = Validate(Jobs.Impossible);

        Assert.False(decision.Allowed);
        Assert.DoesNotContain("kubectl describe", decision.Message, StringComparison.Ordinal);
        Assert.True(Validate(Jobs.Easy).Allowed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("{model: [")]
    [InlineData("model: {name: 3}\ntraining: x")]
    public void What_is_no_description_is_admitted_and_told(string annotation)
    {
        var decision = Validate(annotation);

        Assert.True(decision.Allowed);
        Assert.StartsWith("annotation gpumem.io/spec: GPU memory not checked: ", Assert.Single(decision.Warnings), StringComparison.Ordinal);
        Assert.InRange(decision.Warnings[0].Length, 1, 120);
    }

    private static PodDecision Validate(string annotation)
    {
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Annotations = new Dictionary<string, string> { ["gpumem.io/spec"] = annotation } },
            Spec = new V1PodSpec { Containers = [new V1Container { Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new("1") } } }] },
        };
        var cluster = new FixedCluster(Tests.Nodes.Inventory(Tests.Nodes.H100x8("h-0")), []);
        return PodDecision.Validate(pod, PodTie.Of(pod, "team", cluster), cluster.Inventory, cluster.ConfigMaps);
    }
}
