using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes;
using GpuMem.Catalogues.Gpus;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.NodeLabels;

public sealed class InventoryBuilderTests
{
    [Fact]
    public void Nodes_of_one_label_are_one_pool()
    {
        var inventory = Nodes.Inventory(Nodes.H100x8("a"), Nodes.H100x8("b"), Nodes.A10G("c"), Nodes.With("cpu", [("cpu", 64)]));

        Assert.Equal(["a10g", "h100"], inventory.Pools.Select(pool => pool.Name));
        var h100 = inventory.Find("h100")!;
        Assert.Equal((2, 8, 16L), (h100.Pool.Nodes, h100.Pool.GpusPerNode, h100.Pool.Gpus));
        Assert.Equal("h100", h100.NodeSelector["karpenter.sh/nodepool"]);
        Assert.Null(inventory.Find("other"));
    }

    [Fact]
    public void Without_nodes_there_are_no_pools() => Assert.Empty(InventoryBuilder.Build([], []).Entries);

    [Fact]
    public void The_order_of_nodes_does_not_matter()
    {
        V1Node[] nodes = [Nodes.H100x8("a"), Nodes.A10G("b"), Nodes.Of("c", 2)];

        Assert.Equal(Nodes.Inventory(nodes).Pools, Nodes.Inventory([.. nodes.Reverse()]).Pools);
    }

    [Fact]
    public void A_pool_whose_nodes_differ_counts_the_least_and_remembers_the_most()
    {
        var pool = Nodes.Inventory(Nodes.H100x8("a"), Nodes.H100x8("b", "h100", (GpuNode.ProductLabel, "NVIDIA-A100-SXM4-40GB"), (GpuMemoryLabel.Key, "40960"))).Pools[0];

        Assert.True(pool.Heterogeneous);
        Assert.Equal(GpuCatalogue.UsableMemory("NVIDIA-A100-SXM4-40GB", 40960), pool.UsableMemory);
        Assert.Equal(GpuCatalogue.UsableMemory(Nodes.H100, 81559), pool.LargestMemory);
    }

    [Fact]
    public void A_pool_whose_nodes_differ_is_named_after_its_least_gpu_in_whatever_order_they_come()
    {
        V1Node[] nodes = [Nodes.H100x8("a"), Nodes.H100x8("b", "h100", (GpuNode.ProductLabel, "NVIDIA-A100-SXM4-40GB"), (GpuMemoryLabel.Key, "40960")), Nodes.Of("c", 4, ("karpenter.sh/nodepool", "h100"), (GpuMemoryLabel.Key, "90000"))];

        Assert.Equal("NVIDIA-A100-SXM4-40GB", Nodes.Inventory(nodes).Pools[0].Product);
        Assert.Equal(Nodes.Inventory(nodes).Pools, Nodes.Inventory([.. nodes.Reverse()]).Pools);
    }

    [Fact]
    public void One_node_of_unknown_memory_makes_the_pool_unknown()
    {
        var pool = Nodes.Inventory(Nodes.H100x8("a"), Nodes.Of("b", 8, ("karpenter.sh/nodepool", "h100"))).Pools[0];

        Assert.Null(pool.UsableMemory);
    }

    [Fact]
    public void Of_nodes_with_different_counts_the_most_gpus_decide()
    {
        var pool = Nodes.Inventory(Nodes.A10G("a", gpus: 1), Nodes.A10G("b", gpus: 1), Nodes.A10G("c", gpus: 7)).Pools[0];

        Assert.Equal((7, 1), (pool.GpusPerNode, pool.Nodes));
    }

    [Fact]
    public void A_declaration_wins_over_what_nodes_say()
    {
        var pool = Declared("h100", new GpuPoolSpec { MemoryPerGPU = "70000Mi", Product = "Custom", GpusPerNode = 4, MaxNodes = 9, ResourceName = "example.com/gpu", PricePerGPUHour = "3.90" }, Nodes.H100x8("a"));

        Assert.Equal(("Custom", 4, 9, "example.com/gpu", 3.90m), (pool.Pool.Product, pool.Pool.GpusPerNode, pool.Pool.MaxNodes, pool.Pool.ResourceName, pool.Pool.PricePerGpuHour));
        Assert.Equal(MemorySource.Declared, pool.Source);
        Assert.Equal(GpuCatalogue.UsableMemory("Custom", 70000), pool.Pool.UsableMemory);
        Assert.Equal(36, pool.Pool.Gpus);
        Assert.False(pool.Pool.MayGrow);
    }

    [Fact]
    public void What_is_not_declared_is_read_from_the_nodes()
    {
        var pool = Declared("h100", new GpuPoolSpec { PricePerGPUHour = 4.ToString(System.Globalization.CultureInfo.InvariantCulture) }, Nodes.H100x8("a"));

        Assert.Equal((Nodes.H100, 8, 1, 4m), (pool.Pool.Product, pool.Pool.GpusPerNode, pool.Pool.Nodes, pool.Pool.PricePerGpuHour));
        Assert.True(pool.Pool.MayGrow);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5Gi")]
    [InlineData("80")]
    public void A_declared_memory_that_is_none_rejects_nothing(string memory) =>
        Assert.Equal(GpuCatalogue.UsableMemory(Nodes.H100, 81559), Declared("h100", new GpuPoolSpec { MemoryPerGPU = memory }, Nodes.H100x8("a")).Pool.UsableMemory);

    [Theory]
    [InlineData(0, 2, "spec.gpusPerNode is 0")]
    [InlineData(-8, 2, "spec.gpusPerNode is -8")]
    [InlineData(int.MaxValue, 2, "spec.gpusPerNode is 2147483647")]
    [InlineData(8, -2, "spec.maxNodes is -2")]
    [InlineData(8, int.MaxValue, "spec.maxNodes is 2147483647")]
    public void A_number_that_no_pool_can_have_is_not_said_and_has_a_reason(int gpusPerNode, int maxNodes, string reason)
    {
        var pool = Declared("h100", new GpuPoolSpec { Product = Nodes.H100, GpusPerNode = gpusPerNode, MaxNodes = maxNodes }, Nodes.H100x8("a"));

        Assert.Equal((8, 1), (pool.Pool.GpusPerNode, pool.Pool.Nodes));
        Assert.True(pool.Pool.MaxNodes is null or 2);
        Assert.Contains(reason, pool.Reason, StringComparison.Ordinal);
        Assert.Null(pool.Conflict);
    }

    [Fact]
    public void A_pool_without_nodes_and_with_an_impossible_bound_may_grow() =>
        Assert.True(Declared("new", new GpuPoolSpec { Product = Nodes.H100, GpusPerNode = 8, MaxNodes = -2 }).Pool.MayGrow);

    [Theory]
    [InlineData("-3.90")]
    [InlineData("1e30")]
    public void A_price_that_cannot_be_is_none_and_has_a_reason(string price)
    {
        var pool = Declared("h100", new GpuPoolSpec { PricePerGPUHour = price }, Nodes.H100x8("a"));

        Assert.Null(pool.Pool.PricePerGpuHour);
        Assert.Contains("spec.pricePerGPUHour", pool.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("24")]
    public void A_memory_of_some_bytes_is_not_said_and_has_a_reason(string memory)
    {
        var pool = Declared("h100", new GpuPoolSpec { MemoryPerGPU = memory }, Nodes.H100x8("a"));

        Assert.Equal(MemorySource.FeatureDiscovery, pool.Source);
        Assert.Contains("spec.memoryPerGPU is " + memory, pool.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_empty_is_not_said()
    {
        var pool = Declared("h100", new GpuPoolSpec { Product = "", ResourceName = " ", Taints = [new GpuPoolTaint()] }, Nodes.H100x8("a"));

        Assert.Equal((Nodes.H100, "nvidia.com/gpu"), (pool.Pool.Product, pool.Pool.ResourceName));
        Assert.Empty(pool.Taints);
        Assert.NotNull(pool.Reason);
    }

    [Fact]
    public void More_memory_than_the_declared_card_has_is_a_conflict_and_not_promised()
    {
        var pool = Declared("l4", new GpuPoolSpec { Product = "NVIDIA-L4", MemoryPerGPU = "80Gi", GpusPerNode = 8 });

        Assert.Equal(GpuCatalogue.UsableMemory("NVIDIA-L4", 0), pool.Pool.UsableMemory);
        Assert.Equal(GpuCatalogue.UsableMemory("NVIDIA-L4", 81920), pool.Pool.LargestMemory);
        Assert.Contains("80Gi", pool.Conflict, StringComparison.Ordinal);
        Assert.Contains("L4", pool.Conflict, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NVIDIA-L4", "23034Mi")]
    [InlineData("NVIDIA-L4", "24Gi")]
    [InlineData("NVIDIA-GeForce-RTX-4060-Ti", "16380Mi")]
    [InlineData("A100", "81920Mi")]
    [InlineData("Custom", "200Gi")]
    public void A_memory_that_the_declared_card_can_have_is_no_conflict(string product, string memory) =>
        Assert.Null(Declared("pool", new GpuPoolSpec { Product = product, MemoryPerGPU = memory, GpusPerNode = 8 }).Conflict);

    [Fact]
    public void More_memory_than_the_nodes_have_is_a_conflict_and_not_promised()
    {
        var pool = Declared("a10g", new GpuPoolSpec { MemoryPerGPU = "80Gi" }, Nodes.A10G("a"));

        Assert.NotNull(pool.Conflict);
        Assert.True(pool.Pool.UsableMemory!.Value.GiB < 24);
        Assert.True(pool.Pool.LargestMemory!.Value.GiB > 70);
    }

    [Fact]
    public void A_declared_pool_exists_before_its_nodes()
    {
        var pool = Declared("new", new GpuPoolSpec { Product = Nodes.H100, GpusPerNode = 8, MaxNodes = 2, Selector = new Dictionary<string, string> { ["team"] = "ml" } });

        Assert.Equal((0, 16L, MemorySource.Catalogue), (pool.Pool.Nodes, pool.Pool.Gpus, pool.Source));
        Assert.Equal(GpuCatalogue.UsableMemory(Nodes.H100, 0), pool.Pool.UsableMemory);
        Assert.Equal("ml", pool.NodeSelector["team"]);
        Assert.Empty(pool.Nodes);
    }

    [Fact]
    public void A_pool_declared_without_nodes_and_without_a_bound_may_grow() =>
        Assert.True(Declared("new", new GpuPoolSpec { Product = Nodes.H100, GpusPerNode = 8 }).Pool.MayGrow);

    [Theory]
    [InlineData("H100-SXM5", "the memory of H100-SXM5 is not known; declare spec.memoryPerGPU or, as spec.product, NVIDIA H100 SXM 80GB")]
    [InlineData("Next-GPU", "the memory of Next-GPU is not known; declare spec.memoryPerGPU")]
    public void A_declared_product_that_is_not_known_is_answered_with_the_cards_that_may_be_meant(string product, string said) =>
        Assert.Equal(said, Declared("new", new GpuPoolSpec { Product = product, GpusPerNode = 8 }).Reason);

    [Fact]
    public void An_unknown_product_without_nodes_is_of_unknown_memory() =>
        Assert.Null(Declared("new", new GpuPoolSpec { Product = "Next-GPU", GpusPerNode = 8 }).Pool.UsableMemory);

    [Fact]
    public void A_declaration_that_says_too_little_makes_no_pool() =>
        Assert.Empty(InventoryBuilder.Build([], [Pool("new", new GpuPoolSpec { MaxNodes = 3 })]).Entries);

    [Fact]
    public void A_declaration_that_says_too_little_is_named_with_what_it_lacks()
    {
        GpuPool[] declared = [Pool("b", new GpuPoolSpec { Product = Nodes.H100, GpusPerNode = 0 }), Pool("a", new GpuPoolSpec()), Pool("known", new GpuPoolSpec { Product = Nodes.H100, GpusPerNode = 8 })];
        var unplanned = UnplannedPool.Of(declared, InventoryBuilder.Build([], declared));

        Assert.Equal(["a", "b"], unplanned.Select(pool => pool.Name));
        Assert.Contains("declare spec.product and spec.gpusPerNode", unplanned[0].Reason, StringComparison.Ordinal);
        Assert.Contains("spec.gpusPerNode is 0", unplanned[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_selector_gathers_nodes_of_several_labels()
    {
        var spec = new GpuPoolSpec { Selector = new Dictionary<string, string> { ["team"] = "ml" } };
        var inventory = InventoryBuilder.Build([Nodes.H100x8("a", "x", ("team", "ml")), Nodes.H100x8("b", "y", ("team", "ml")), Nodes.H100x8("c", "z")], [Pool("ours", spec)]);

        Assert.Equal(["ours", "z"], inventory.Pools.Select(pool => pool.Name));
        Assert.Equal(2, inventory.Find("ours")!.Pool.Nodes);
    }

    [Fact]
    public void Taints_are_gathered_but_for_those_of_the_nodes_health()
    {
        var node = Nodes.H100x8("a").Tainted("nvidia.com/gpu", "present").Tainted("node.kubernetes.io/not-ready", effect: "NoExecute").Tainted("soft", effect: "PreferNoSchedule");

        Assert.Equal("nvidia.com/gpu", Assert.Single(Nodes.Inventory(node, Nodes.H100x8("b").Tainted("nvidia.com/gpu", "present")).Entries[0].Taints).Key);
    }

    [Fact]
    public void Declared_taints_replace_those_of_the_nodes()
    {
        var pool = Declared("h100", new GpuPoolSpec { Taints = [new GpuPoolTaint { Key = "team", Value = "ml" }] }, Nodes.H100x8("a").Tainted("nvidia.com/gpu"));

        var taint = Assert.Single(pool.Taints);
        Assert.Equal(("team", "ml", "NoSchedule"), (taint.Key, taint.Value, taint.Effect));
    }

    private static PoolEntry Declared(string name, GpuPoolSpec spec, params V1Node[] nodes) => InventoryBuilder.Build(nodes, [Pool(name, spec)]).Find(name)!;

    private static GpuPool Pool(string name, GpuPoolSpec spec) => new() { Metadata = new V1ObjectMeta { Name = name }, Spec = spec };
}
