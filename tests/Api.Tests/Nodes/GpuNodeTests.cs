using GpuMem.Api.Nodes;
using GpuMem.Catalogues.Gpus;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.NodeLabels;

public sealed class GpuNodeTests
{
    [Fact]
    public void A_labelled_node_says_all()
    {
        var node = Nodes.Read(Nodes.H100x8("n"))!;

        Assert.Equal((Nodes.H100, 8, "nvidia.com/gpu", MemorySource.FeatureDiscovery), (node.Product, node.Gpus, node.ResourceName, node.Source));
        Assert.Equal(GpuCatalogue.UsableMemory(Nodes.H100, 81559), node.UsableMemory);
        Assert.Equal(node.UsableMemory, node.LargestMemory);
        Assert.Null(node.Complaint);
    }

    [Fact]
    public void A_node_without_gpus_is_none_of_ours() => Assert.Null(Nodes.Read(Nodes.With("n", [("cpu", 64), ("intel.com/sgx", 4), ("nvidia.com/gpu", 0), ("nvidia.com/hostdev", 8), ("vpc.amazonaws.com/efa", 32)])));

    [Fact]
    public void A_bare_device_plugin_leaves_the_memory_unknown()
    {
        var node = Nodes.Read(Nodes.Of("n", 8))!;

        Assert.Null(node.UsableMemory);
        Assert.Equal(MemorySource.Unknown, node.Source);
        Assert.Contains("missing", node.Complaint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("80")]
    [InlineData("a lot")]
    public void A_product_without_a_usable_label_is_looked_up(string label)
    {
        var node = Nodes.Read(Nodes.Of("n", 8, (GpuNode.ProductLabel, Nodes.H100), (GpuMemoryLabel.Key, label)))!;

        Assert.Equal(MemorySource.Catalogue, node.Source);
        Assert.Equal(GpuCatalogue.UsableMemory(Nodes.H100, 0), node.UsableMemory);
        Assert.NotNull(node.Complaint);
    }

    [Fact]
    public void A_node_whose_plugin_is_down_still_counts_by_its_label() =>
        Assert.Equal(8, Nodes.Read(Nodes.With("n", [], ("nvidia.com/gpu.count", "8")))!.Gpus);

    [Fact]
    public void A_node_that_offers_no_gpu_has_none_whatever_its_label_counts() =>
        Assert.Null(Nodes.Read(Nodes.With("n", [("nvidia.com/gpu", 0)], ("nvidia.com/gpu.count", "8"), (GpuNode.ProductLabel, Nodes.H100), (GpuMemoryLabel.Key, "81559"))));

    [Fact]
    public void Gpus_that_only_a_label_counts_have_a_reason() => Assert.Contains(
        "counted by nvidia.com/gpu.count",
        Nodes.Read(Nodes.With("n", [], ("nvidia.com/gpu.count", "8"), (GpuNode.ProductLabel, Nodes.H100), (GpuMemoryLabel.Key, "81559")))!.Complaint,
        StringComparison.Ordinal);

    [Fact]
    public void Gpus_that_are_not_allocatable_at_the_moment_count_with_a_reason()
    {
        var said = Nodes.With("n", [("nvidia.com/gpu", 0)], (GpuNode.ProductLabel, Nodes.H100), (GpuMemoryLabel.Key, "81559"));
        said.Status.Capacity = new Dictionary<string, ResourceQuantity> { ["nvidia.com/gpu"] = new("8") };
        var node = Nodes.Read(said)!;

        Assert.Equal(8, node.Gpus);
        Assert.Contains("none is allocatable now", node.Complaint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("eight")]
    [InlineData("0")]
    public void A_count_that_is_none_makes_no_node(string count) => Assert.Null(Nodes.Read(Nodes.With("n", [], ("nvidia.com/gpu.count", count))));

    [Fact]
    public void An_absurd_count_is_bounded() => Assert.Equal(1024, Nodes.Read(Nodes.Of("n", int.MaxValue))!.Gpus);

    [Fact]
    public void Time_slicing_promises_a_share_and_may_give_all()
    {
        var whole = Nodes.Read(Nodes.H100x8("n"))!.UsableMemory!.Value;
        var node = Nodes.Read(Nodes.H100x8("n", "p", ("nvidia.com/gpu.sharing-strategy", "time-slicing"), ("nvidia.com/gpu.replicas", "4")))!;

        Assert.Equal(whole.Value / 4, node.UsableMemory!.Value.Value);
        Assert.Equal(whole, node.LargestMemory);
    }

    [Fact]
    public void Mps_gives_a_share_and_no_more()
    {
        var node = Nodes.Read(Nodes.H100x8("n", "p", ("nvidia.com/gpu.sharing-strategy", "mps"), ("nvidia.com/gpu.replicas", "4")))!;

        Assert.Equal(node.UsableMemory, node.LargestMemory);
        Assert.True(node.UsableMemory!.Value.Value < Nodes.Read(Nodes.H100x8("n"))!.UsableMemory!.Value.Value / 3);
    }

    [Fact]
    public void A_shared_product_is_shared_whatever_else_is_said()
    {
        var node = Nodes.Read(Nodes.H100x8("n", "p", (GpuNode.ProductLabel, Nodes.H100 + "-SHARED"), ("nvidia.com/gpu.replicas", "2")))!;

        Assert.True(node.UsableMemory!.Value.Value < node.LargestMemory!.Value.Value);
    }

    [Theory]
    [InlineData("none", "4")]
    [InlineData("time-slicing", "1")]
    [InlineData("time-slicing", "0")]
    [InlineData("time-slicing", "-2")]
    [InlineData("time-slicing", "many")]
    public void What_is_not_divided_stays_whole(string strategy, string replicas) =>
        Assert.Equal(Nodes.Read(Nodes.H100x8("n"))!.UsableMemory, Nodes.Read(Nodes.H100x8("n", "p", ("nvidia.com/gpu.sharing-strategy", strategy), ("nvidia.com/gpu.replicas", replicas)))!.UsableMemory);

    [Fact]
    public void A_single_mig_layout_labels_its_slices_as_gpus()
    {
        var slice = Nodes.Read(Nodes.H100x8("n", "p", (GpuNode.ProductLabel, Nodes.H100 + "-MIG-1g.10gb"), (GpuMemoryLabel.Key, "9984")))!;

        Assert.Equal(MemorySource.FeatureDiscovery, slice.Source);
        Assert.True(slice.UsableMemory!.Value.Value <= 9984L << 20);
        Assert.Equal(1, slice.NvLinkDomain);
    }

    [Fact]
    public void A_mixed_mig_layout_labels_each_kind_of_slice()
    {
        var slice = Nodes.Read(Nodes.With("n", [("nvidia.com/gpu", 0), ("nvidia.com/mig-1g.10gb", 7)],
            (GpuNode.ProductLabel, Nodes.H100), (GpuMemoryLabel.Key, "81559"),
            ("nvidia.com/mig-1g.10gb.product", Nodes.H100 + "-MIG-1g.10gb"), ("nvidia.com/mig-1g.10gb.memory", "9984")))!;

        Assert.Equal(("nvidia.com/mig-1g.10gb", 7), (slice.ResourceName, slice.Gpus));
        Assert.True(slice.UsableMemory!.Value.Value <= 9984L << 20);
    }

    [Fact]
    public void A_broken_mig_layout_is_unknown_whatever_the_label_says()
    {
        var node = Nodes.Read(Nodes.H100x8("n", "p", (GpuNode.ProductLabel, Nodes.H100 + "-MIG-INVALID")))!;

        Assert.Null(node.UsableMemory);
        Assert.Contains("not valid", node.Complaint, StringComparison.Ordinal);
    }
}
