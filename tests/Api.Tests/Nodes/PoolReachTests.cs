using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.NodeLabels;

public sealed class PoolReachTests
{
    private static readonly PoolInventory Both = Nodes.Inventory(
        Nodes.Of("h-0", 8, ("agentpool", "h100"), (GpuNode.ProductLabel, Nodes.H100), ("zone", "a"), ("generation", "9")), Nodes.A10G("a-0"));

    [Fact]
    public void A_pod_without_wishes_reaches_all() => Reaches(["a10g", "h100"], new V1PodSpec());

    [Fact]
    public void No_pod_reaches_all() => Assert.Equal(2, PoolReach.Of(Both, null, null).Pools.Count);

    [Fact]
    public void A_node_selector_chooses() => Reaches(["h100"], Selecting("zone", "a"));

    [Fact]
    public void A_selector_that_no_node_has_reaches_nothing() => Reaches([], Selecting("zone", "b"));

    [Fact]
    public void A_node_name_chooses_that_node() => Reaches(["a10g"], new V1PodSpec { NodeName = "a-0" });

    [Theory]
    [InlineData("In", "9", true)]
    [InlineData("In", "8", false)]
    [InlineData("NotIn", "8", true)]
    [InlineData("NotIn", "9", false)]
    [InlineData("Exists", null, true)]
    [InlineData("DoesNotExist", null, false)]
    [InlineData("Gt", "8", true)]
    [InlineData("Gt", "9", false)]
    [InlineData("Gt", "many", false)]
    [InlineData("Lt", "10", true)]
    [InlineData("Lt", "9", false)]
    [InlineData("Resembles", "x", true)]
    public void Required_affinity_is_read_as_the_scheduler_does(string op, string? value, bool reaches) =>
        Assert.Equal(reaches, Reached(Requiring(Term(("generation", op, value)))).Contains("h100"));

    [Fact]
    public void An_absent_label_is_not_in_any_list_and_not_greater()
    {
        Assert.Contains("a10g", Reached(Requiring(Term(("generation", "NotIn", "9")))));
        Assert.Contains("a10g", Reached(Requiring(Term(("generation", "DoesNotExist", null)))));
        Assert.DoesNotContain("a10g", Reached(Requiring(Term(("generation", "Lt", "100")))));
    }

    [Fact]
    public void Requirements_of_a_term_must_all_hold_and_one_term_is_enough()
    {
        Reaches([], Requiring(Term(("zone", "In", "a"), ("generation", "In", "8"))));
        Reaches(["h100"], Requiring(Term(("generation", "In", "8")), Term(("zone", "In", "a"))));
    }

    [Fact]
    public void Affinity_can_name_a_node() => Reaches(["a10g"], Requiring(new V1NodeSelectorTerm
    {
        MatchFields = [new V1NodeSelectorRequirement { Key = "metadata.name", OperatorProperty = "In", Values = ["a-0"] }],
    }));

    [Theory]
    [InlineData("team", "Exists", null, null, true)]
    [InlineData(null, "Exists", null, null, true)]
    [InlineData("team", null, "ml", null, true)]
    [InlineData("team", "Equal", "ml", "NoSchedule", true)]
    [InlineData("team", "Equal", "web", null, false)]
    [InlineData("team", "Exists", null, "NoExecute", false)]
    [InlineData("other", "Exists", null, null, false)]
    [InlineData("team", "Gt", "1", null, true)]
    public void Tolerations_are_read_as_the_scheduler_does(string? key, string? op, string? value, string? effect, bool tolerated)
    {
        var inventory = Nodes.Inventory(Nodes.H100x8("a").Tainted("team", "ml"));
        var pod = new V1PodSpec { Tolerations = [new V1Toleration { Key = key, OperatorProperty = op, Value = value, Effect = effect }] };

        Assert.Equal(tolerated, PoolReach.Of(inventory, pod, null).Pools.Count == 1);
    }

    [Theory]
    [InlineData("nvidia.com/gpu", "NoSchedule")]
    [InlineData("node.kubernetes.io/unschedulable", "NoSchedule")]
    [InlineData("node.kubernetes.io/not-ready", "NoExecute")]
    [InlineData("team", "PreferNoSchedule")]
    public void Taints_that_come_off_or_are_tolerated_for_the_pod_do_not_count(string key, string effect) =>
        Assert.Single(PoolReach.Of(Nodes.Inventory(Nodes.H100x8("a").Tainted(key, "x", effect)), new V1PodSpec(), null).Pools);

    [Fact]
    public void The_resource_must_be_the_one_the_pool_has()
    {
        Assert.Empty(PoolReach.Of(Both, new V1PodSpec(), "amd.com/gpu").Pools);
        Assert.Equal(2, PoolReach.Of(Both, new V1PodSpec(), "nvidia.com/gpu").Pools.Count);
    }

    [Fact]
    public void A_pool_without_nodes_is_reached_unless_its_own_labels_or_taints_forbid()
    {
        var pool = new GpuPool
        {
            Metadata = new V1ObjectMeta { Name = "new" },
            Spec = new GpuPoolSpec { Product = Nodes.H100, GpusPerNode = 8, Selector = new Dictionary<string, string> { ["zone"] = "a" }, Taints = [new GpuPoolTaint { Key = "team" }] },
        };
        var inventory = InventoryBuilder.Build([], [pool]);
        V1Toleration[] tolerations = [new() { Key = "team", OperatorProperty = "Exists" }];

        Assert.Single(PoolReach.Of(inventory, new V1PodSpec { Tolerations = tolerations }, null).Pools);
        Assert.Single(PoolReach.Of(inventory, new V1PodSpec { Tolerations = tolerations, NodeSelector = new Dictionary<string, string> { ["disk"] = "fast" } }, null).Pools);
        Assert.Empty(PoolReach.Of(inventory, new V1PodSpec { Tolerations = tolerations, NodeSelector = new Dictionary<string, string> { ["zone"] = "b" } }, null).Pools);
        Assert.Empty(PoolReach.Of(inventory, new V1PodSpec(), null).Pools);
    }

    [Fact]
    public void An_empty_item_of_a_list_tolerates_nothing() =>
        Assert.Empty(PoolReach.Of(Nodes.Inventory(Nodes.H100x8("a").Tainted("team")), new V1PodSpec { Tolerations = [null!] }, null).Pools);

    [Theory]
    [InlineData("topology.kubernetes.io/zone", true)]
    [InlineData(GpuNode.ProductLabel, false)]
    [InlineData("karpenter.sh/nodepool", false)]
    [InlineData("team", false)]
    public void The_next_node_of_a_pool_that_grows_is_of_the_same_pool_and_gpu_in_any_zone(string key, bool mayDiffer)
    {
        var growing = Nodes.Inventory(Nodes.H100x8("h-0"));

        Assert.Equal(mayDiffer, PoolReach.Of(growing, Selecting(key, "other"), null).Pools.Count == 1);
        Assert.Single(PoolReach.Of(growing, Requiring(Term(("topology.kubernetes.io/zone", "In", "other"))), null).Pools);
        Assert.Empty(PoolReach.Of(growing, new V1PodSpec { NodeName = "elsewhere" }, null).Pools);
    }

    [Fact]
    public void A_pool_that_does_not_grow_has_no_node_in_another_zone() =>
        Assert.Empty(PoolReach.Of(Nodes.Inventory(Nodes.A10G("a-0")), Selecting("topology.kubernetes.io/zone", "other"), null).Pools);

    private static V1PodSpec Selecting(string key, string value) => new() { NodeSelector = new Dictionary<string, string> { [key] = value } };

    private static V1NodeSelectorTerm Term(params (string Key, string Op, string? Value)[] requirements) => new()
    {
        MatchExpressions = [.. requirements.Select(r => new V1NodeSelectorRequirement { Key = r.Key, OperatorProperty = r.Op, Values = r.Value is null ? null : [r.Value] })],
    };

    private static V1PodSpec Requiring(params V1NodeSelectorTerm[] terms) => new()
    {
        Affinity = new V1Affinity { NodeAffinity = new V1NodeAffinity { RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector { NodeSelectorTerms = terms } } },
    };

    private static IEnumerable<string> Reached(V1PodSpec pod) => PoolReach.Of(Both, pod, null).Pools.Select(pool => pool.Name);

    private static void Reaches(string[] pools, V1PodSpec pod) => Assert.Equal(pools, Reached(pod));
}
