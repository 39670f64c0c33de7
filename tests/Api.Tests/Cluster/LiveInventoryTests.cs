using GpuMem.Api.Cluster;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Api.Nodes.Slices;
using GpuMem.Estimation;
using GpuMem.Api.Tests.NodeLabels;

namespace GpuMem.Api.Tests.Clusters;

public sealed class LiveInventoryTests
{
    [Fact]
    public void After_any_changes_it_says_what_building_it_anew_would_say()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var (random, live) = (new RandomPods(seed), new LiveInventory());
            var (nodes, claimed, pools) = (new Dictionary<string, ValueList<GpuNode>>(), new Dictionary<string, SliceGpus[]>(), new Dictionary<string, GpuPool>());
            for (var change = 0; change < 60; change++)
            {
                Change(random, live, nodes, claimed, pools);
                if (random.Next(4) == 0)
                    Assert.Equal(Said(InventoryBuilder.OfGpuNodes(Merged(nodes, claimed), pools.Values)), Said(Renewed(live)));
            }
        }
    }

    [Fact]
    public void A_change_costs_the_pool_it_is_in()
    {
        var live = new LiveInventory();
        foreach (var pool in new[] { "one", "two" })
            live.Set(pool, GpuNodeReader.Read(Nodes.H100x8(pool, pool)));
        var before = Renewed(live);
        live.Set("three", GpuNodeReader.Read(Nodes.H100x8("three", "two")));

        var after = Renewed(live);
        Assert.Same(before.Find("one"), after.Find("one"));
        Assert.Equal(2, after.Find("two")!.Nodes.Count);
    }

    [Fact]
    public void Who_asks_while_nodes_change_is_told_of_the_pools_that_were_renewed_last()
    {
        var live = new LiveInventory();
        live.Set("one", GpuNodeReader.Read(Nodes.H100x8("one", "pool")));
        Assert.Empty(live.Current.Entries);
        Assert.True(live.Renew());
        var renewed = live.Current;
        live.Set("two", GpuNodeReader.Read(Nodes.H100x8("two", "pool")));

        Assert.Same(renewed, live.Current);
        Assert.Equal(2, Renewed(live).Find("pool")!.Nodes.Count);
        Assert.False(live.Renew());
    }

    [Fact]
    public void A_node_that_went_and_came_back_as_it_was_makes_no_other_inventory()
    {
        var live = new LiveInventory();
        live.Set("one", GpuNodeReader.Read(Nodes.H100x8("one", "pool")));
        live.Declare("pool", new GpuPool { Metadata = new() { Name = "pool" }, Spec = new GpuPoolSpec { MaxNodes = 4 } });
        var before = Renewed(live);
        live.Set("one", null);
        live.Set("one", GpuNodeReader.Read(Nodes.H100x8("one", "pool")));
        live.Declare("pool", new GpuPool { Metadata = new() { Name = "pool" }, Spec = new GpuPoolSpec { MaxNodes = 4 } });

        Assert.Same(before, Renewed(live));
        live.Declare("pool", new GpuPool { Metadata = new() { Name = "pool" }, Spec = new GpuPoolSpec { MaxNodes = 5 } });
        Assert.Equal(5, Renewed(live).Find("pool")!.Pool.MaxNodes);
    }

    private static PoolInventory Renewed(LiveInventory live)
    {
        live.Renew();
        return live.Current;
    }

    private static void Change(RandomPods random, LiveInventory live, Dictionary<string, ValueList<GpuNode>> nodes, Dictionary<string, SliceGpus[]> claimed, Dictionary<string, GpuPool> pools)
    {
        var at = random.Next(12);
        var (node, pool) = ($"n{at}", $"p{at % 3}");
        switch (random.Next(9))
        {
            case 0:
                nodes.Remove(node);
                live.Set(node, null);
                break;
            case 1:
                pools.Remove(pool);
                live.Declare(pool, null);
                break;
            case 2:
                live.Declare(pool, pools[pool] = random.Declared(at % 3));
                break;
            case 3:
                live.Claim(node, claimed[node] = random.Next(3) == 0 ? [] : [new SliceGpus("gpu.nvidia.com", at % 2 == 0 ? "NVIDIA-L4" : "NVIDIA-H200", null, false, 1 + random.Next(2), Bytes.FromMiB(20_000), DeviceFacts.OfDriver("gpu.nvidia.com"), null)]);
                break;
            default:
                live.Set(node, nodes[node] = GpuNodeReader.ReadOrBare(random.NodeAt(at)));
                break;
        }
    }

    private static IEnumerable<ValueList<GpuNode>> Merged(Dictionary<string, ValueList<GpuNode>> nodes, Dictionary<string, SliceGpus[]> claimed) => nodes.Keys.Union(claimed.Keys)
        .Select(name => GpuNodeReader.Merge(name, nodes.GetValueOrDefault(name), claimed.GetValueOrDefault(name) ?? []))
        .OfType<ValueList<GpuNode>>();

    private static IEnumerable<string> Said(PoolInventory inventory) => inventory.Entries.Select(entry =>
        $"{entry.Pool} {entry.Source} [{string.Join(",", entry.Nodes.Select(node => node.Name))}] [{string.Join(",", entry.NodeSelector)}] [{string.Join(",", entry.Taints)}]");
}
