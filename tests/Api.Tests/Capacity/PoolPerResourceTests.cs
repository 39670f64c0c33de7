using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Capacity;

public sealed class PoolPerResourceTests
{
    private static readonly V1Node Mixed = Nodes.With("n", [("nvidia.com/gpu", 4), ("nvidia.com/mig-1g.10gb", 14), ("nvidia.com/mig-3g.40gb", 4)],
        ("karpenter.sh/nodepool", "h100"), ("nvidia.com/gpu.product", Nodes.H100), ("nvidia.com/gpu.memory", "81559"), ("nvidia.com/gpu.count", "8"), ("nvidia.com/mig.strategy", "mixed"));

    [Fact]
    public void Whole_GPUs_have_the_name_of_their_nodes_and_slices_their_own_behind_it() =>
        Assert.Equal(["h100", "h100-mig-1g.10gb", "h100-mig-3g.40gb"], Nodes.Inventory(Mixed).Pools.Select(pool => pool.Name));

    [Theory]
    [InlineData("nvidia.com/mig-3g.40gb", "h100-mig-3g.40gb")]
    [InlineData("nvidia.com/gpu", "h100")]
    public void A_pod_reaches_the_pool_of_what_it_asks_for(string resource, string pool) =>
        Assert.Equal(pool, Assert.Single(PoolReach.Of(Nodes.Inventory(Mixed), new k8s.Models.V1PodSpec(), resource).Pools).Name);

    [Fact]
    public void What_is_declared_of_the_nodes_holds_for_all_and_the_price_of_a_GPU_for_those_of_its_name()
    {
        var inventory = InventoryBuilder.Build([Mixed], [Declared("h100", new() { MaxNodes = 7, PricePerGPUHour = "4.0" }), Declared("h100-mig-3g.40gb", new() { PricePerGPUHour = "1.5" })]);

        Assert.Equal([(4.0m, 7), (null, 7), (1.5m, 7)], inventory.Pools.Select(pool => (pool.PricePerGpuHour, pool.MaxNodes!.Value)));
    }

    [Fact]
    public void A_declaration_that_names_a_resource_has_only_that()
    {
        var inventory = InventoryBuilder.Build([Mixed], [Declared("slices", new() { ResourceName = "nvidia.com/mig-3g.40gb", Selector = new Dictionary<string, string> { ["karpenter.sh/nodepool"] = "h100" } })]);

        Assert.Equal(["h100", "h100-mig-1g.10gb", "slices"], inventory.Pools.Select(pool => pool.Name));
    }

    [Fact]
    public void GPUs_of_two_vendors_in_one_node_pool_are_two_pools()
    {
        var inventory = Nodes.Inventory(Nodes.H100x8("a", "mixed"), Nodes.With("b", [("amd.com/gpu", 8)], ("karpenter.sh/nodepool", "mixed"), ("amd.com/gpu.vram", "192G")));

        Assert.Equal(["mixed", "mixed-gpu"], inventory.Pools.Select(pool => pool.Name));
        Assert.Equal(["nvidia.com/gpu", "amd.com/gpu"], inventory.Pools.Select(pool => pool.ResourceName));
    }

    [Fact]
    public void Accelerators_of_another_kind_are_no_place_for_a_pod_that_asks_for_nothing()
    {
        var inventory = Nodes.Inventory(Nodes.With("g", [("habana.ai/gaudi", 8)], ("habana.ai/product.name", "HL-325")), Nodes.A10G("a"));

        Assert.Equal("a10g", Assert.Single(PoolReach.Of(inventory, null, null).Pools).Name);
    }

    private static GpuPool Declared(string name, GpuPoolSpec spec) => new() { Metadata = new V1ObjectMeta { Name = name }, Spec = spec };
}
