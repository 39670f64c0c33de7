using GpuMem.Api.Nodes;

namespace GpuMem.Api.Tests.NodeLabels;

public sealed class ReachProperties
{
    /// <summary>A hundred pods against each of a thousand clusters.</summary>
    [Fact]
    public void The_index_says_of_100_000_pods_what_a_look_at_every_node_says()
    {
        var random = new RandomPods(seed: 20261128);
        for (var cluster = 0; cluster < 1000; cluster++)
        {
            var inventory = random.Inventory();
            for (var i = 0; i < 100; i++)
            {
                var pod = random.Pod();
                Assert.Equal(PlainReach.Of(inventory, pod), PoolReach.Of(inventory, pod, null).Pools.Select(pool => pool.Name + (pool.Unknown is null ? "" : " by a new node")));
            }
        }
    }

    [Fact]
    public void More_labels_than_are_filed_are_answered_all_the_same()
    {
        (string, string)[] Labels(int node) => [.. Enumerable.Range(0, 40).Select(label => ($"label-{label}", $"{(node >> (label % 5)) & 1}"))];
        var inventory = Nodes.Inventory([.. Enumerable.Range(0, 70).Select(node => Nodes.Of($"n{node:00}", 8, Labels(node)))]);
        for (var label = 0; label < 40; label++)
        {
            var pod = new k8s.Models.V1PodSpec { NodeSelector = new Dictionary<string, string> { [$"label-{label}"] = "1", ["label-0"] = "1" } };
            Assert.Equal(PlainReach.Of(inventory, pod), PoolReach.Of(inventory, pod, null).Pools.Select(pool => pool.Name));
        }
    }
}
