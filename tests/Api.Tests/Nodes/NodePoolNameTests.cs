using GpuMem.Api.Nodes;

namespace GpuMem.Api.Tests.NodeLabels;

public sealed class NodePoolNameTests
{
    private static readonly string[] InOrder =
    [
        "karpenter.sh/nodepool", "eks.amazonaws.com/nodegroup", "eks.amazonaws.com/nodepool", "cloud.google.com/gke-nodepool",
        "kubernetes.azure.com/agentpool", "agentpool", "k8s.scaleway.com/pool-name", "doks.digitalocean.com/node-pool", "vke.vultr.com/node-pool", "nvidia.com/gpu.product", "node.kubernetes.io/instance-type",
    ];

    [Fact]
    public void Each_cloud_has_its_label_and_the_first_in_order_wins()
    {
        for (var first = 0; first < InOrder.Length; first++)
        {
            var labels = InOrder[first..].Select(key => (key, "of-" + key.Split('/')[0])).Reverse().ToArray();
            var pool = NodePoolName.Of(Nodes.Of("n", 8, labels));

            Assert.Equal(InOrder[first], pool.LabelKey);
            Assert.Equal("of-" + InOrder[first].Split('/')[0], pool.LabelValue);
        }
    }

    [Theory]
    [InlineData("karpenter.sh/nodepool", true)]
    [InlineData("eks.amazonaws.com/nodepool", true)]
    [InlineData("eks.amazonaws.com/nodegroup", false)]
    [InlineData("cloud.google.com/gke-nodepool", false)]
    [InlineData("nvidia.com/gpu.product", false)]
    public void Pools_of_karpenter_may_grow(string key, bool grows) => Assert.Equal(grows, NodePoolName.Of(Nodes.Of("n", 8, (key, "x"))).MayGrow);

    [Fact]
    public void A_product_becomes_a_name_of_an_object_and_selects_by_its_own_spelling()
    {
        var pool = NodePoolName.Of(Nodes.Of("n", 8, ("nvidia.com/gpu.product", "NVIDIA_A100-SXM4.40GB")));

        Assert.Equal("nvidia-a100-sxm4.40gb", pool.Name);
        Assert.Equal("NVIDIA_A100-SXM4.40GB", pool.LabelValue);
    }

    [Fact]
    public void A_node_without_labels_has_a_pool_that_cannot_be_selected()
    {
        var pool = NodePoolName.Of(Nodes.Of("n", 8));

        Assert.Equal("unlabelled", pool.Name);
        Assert.Null(pool.LabelKey);
    }

    [Fact]
    public void An_empty_label_is_none() => Assert.Equal("x", NodePoolName.Of(Nodes.Of("n", 8, ("karpenter.sh/nodepool", ""), ("agentpool", "x"))).Name);
}
