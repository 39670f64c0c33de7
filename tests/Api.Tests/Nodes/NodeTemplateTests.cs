using System.Text.Json.Nodes;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes;
using GpuMem.Api.Nodes.Templates;
using GpuMem.Estimation;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;
using GpuMem.TestKit;

namespace GpuMem.Api.Tests.NodeLabels;

/// <summary>Nodes that do not exist yet: what Karpenter, Kueue and Cluster API say of them.</summary>
public sealed class NodeTemplateTests
{
    [Fact]
    public void A_node_pool_of_one_family_has_its_GPU_in_the_largest_size_and_as_many_as_its_limit()
    {
        var pool = Pool("karpenter", "a10g");

        Assert.Equal((8, 0, 2), (pool.Pool.GpusPerNode, pool.Pool.Nodes, pool.Pool.MaxNodes));
        Assert.Contains("A10G", pool.Pool.Product);
        Assert.InRange(pool.Pool.UsableMemory!.Value.GiB, 21, 23);
        Assert.Equal("a10g", pool.NodeSelector["karpenter.sh/nodepool"]);
        Assert.Equal(new NodeTaint("nvidia.com/gpu", null, "NoSchedule"), Assert.Single(pool.Taints));
    }

    [Fact]
    public void A_requirement_of_memory_tells_cards_of_one_name_apart()
    {
        var pool = Pool("karpenter", "a100");

        Assert.Equal((8, 4), (pool.Pool.GpusPerNode, pool.Pool.MaxNodes));
        Assert.InRange(pool.Pool.UsableMemory!.Value.GiB, 78, 80);
    }

    [Theory]
    [InlineData("either")]
    [InlineData("anything")]
    public void Requirements_that_leave_the_GPU_open_make_a_pool_that_grows_and_whose_memory_is_unknown(string name)
    {
        var pool = Pool("karpenter", name);

        Assert.Null(pool.Pool.UsableMemory);
        Assert.True(pool.Pool.MayGrow);
        Assert.Contains($"Karpenter NodePool {name} leaves open", pool.Reason);
    }

    [Fact]
    public void Node_pools_without_GPUs_make_none() => Assert.Equal(["a100", "a10g", "anything", "either"], Inventory("karpenter", []).Pools.Select(pool => pool.Name));

    /// <summary>SageMaker HyperPod scales with Karpenter, and writes <c>ml.</c> before each type.</summary>
    [Fact]
    public void A_node_pool_of_HyperPod_has_the_GPUs_of_the_type_behind_its_prefix()
    {
        var template = NodeTemplates.Read(JsonNode.Parse(
            """{"apiVersion":"karpenter.sh/v1","kind":"NodePool","metadata":{"name":"hyperpod"},"spec":{"template":{"spec":{"requirements":[{"key":"node.kubernetes.io/instance-type","operator":"In","values":["ml.p5.48xlarge"]}]}}}}""")!.AsObject())!;
        var pool = InventoryBuilder.Build([], NodeTemplates.Merge([], [template], [])).Find("hyperpod")!;

        Assert.Equal(8, pool.Pool.GpusPerNode);
        Assert.InRange(pool.Pool.UsableMemory!.Value.GiB, 79, 80);
    }

    /// <summary>Families as the providers label them: karpenter-provider-gcp, docs and CHANGELOG (a3 since v0.2, a3-highgpu before); karpenter-provider-ibm-cloud; Azure's sku-family.</summary>
    [Theory]
    [InlineData("karpenter.k8s.gcp/instance-family", "a3", true)]
    [InlineData("karpenter.k8s.gcp/instance-family", "a4x", true)]
    [InlineData("karpenter.k8s.gcp/instance-family", "a3-highgpu", true)]
    [InlineData("karpenter.k8s.gcp/instance-family", "n1", true)]
    [InlineData("karpenter.k8s.gcp/instance-family", "n2", false)]
    [InlineData("karpenter.k8s.gcp/instance-category", "a", true)]
    [InlineData("karpenter-ibm.sh/instance-family", "gx3d", true)]
    [InlineData("karpenter-ibm.sh/instance-family", "bx2", false)]
    [InlineData("karpenter.k8s.alibabacloud/instance-family", "ecs.gn8v", true)]
    [InlineData("karpenter.k8s.aws/instance-family", "p6e-gb200", true)]
    [InlineData("karpenter.k8s.aws/instance-family", "m7i", false)]
    [InlineData("karpenter.k8s.aws/instance-category", "gr", true)]
    [InlineData("karpenter.azure.com/sku-family", "ND", true)]
    [InlineData("karpenter.azure.com/sku-family", "D", false)]
    public void The_families_with_GPUs_are_those_of_the_cloud(string key, string family, bool hasGpus) => Assert.Equal(hasGpus, NodeTemplates.Read(JsonNode.Parse(
        """{"apiVersion":"karpenter.sh/v1","kind":"NodePool","metadata":{"name":"x"},"spec":{"template":{"spec":{"requirements":[{"key":"KEY","operator":"In","values":["FAMILY"]}]}}}}"""
            .Replace("KEY", key, StringComparison.Ordinal).Replace("FAMILY", family, StringComparison.Ordinal))!.AsObject()) is not null);

    [Fact]
    public void A_flavor_is_a_pool_by_the_name_that_its_nodes_will_have()
    {
        var pool = Assert.Single(Inventory("kueue", []).Entries);

        Assert.Equal(("h100", 8), (pool.Pool.Name, pool.Pool.GpusPerNode));
        Assert.InRange(pool.Pool.UsableMemory!.Value.GiB, 78, 80);
        Assert.True(pool.Pool.MayGrow);
        Assert.Equal("spot", Assert.Single(pool.Taints).Key);
    }

    [Theory]
    [InlineData("amd.com/gpu.product-name", "AMD_Instinct_MI355X_VF", "amd.com/gpu", 288)]
    [InlineData("node.kubernetes.io/instance-type", "BM.GPU.MI300X.8", "amd.com/gpu", 192)]
    [InlineData("node.kubernetes.io/instance-type", "p6e-gb200.36xlarge", "nvidia.com/gpu", 184)]
    public void A_flavor_offers_its_GPUs_by_the_resource_of_their_vendor(string key, string value, string resource, int gib)
    {
        var template = NodeTemplates.Read(JsonNode.Parse("""{"apiVersion":"kueue.x-k8s.io/v1beta2","kind":"ResourceFlavor","metadata":{"name":"x"},"spec":{"nodeLabels":{"KEY":"VALUE"}}}"""
            .Replace("KEY", key, StringComparison.Ordinal).Replace("VALUE", value, StringComparison.Ordinal))!.AsObject())!;
        var pool = Assert.Single(InventoryBuilder.Build([], NodeTemplates.Merge([], [template], [])).Pools);

        Assert.Equal((resource, gib), (pool.ResourceName, (int)Math.Round(pool.UsableMemory!.Value.GiB)));
    }

    [Fact]
    public void A_flavor_of_nodes_that_there_are_adds_nothing()
    {
        var node = Nodes.Of("n", 8, ("cloud.google.com/gke-accelerator", "nvidia-h100-80gb"), ("cloud.google.com/gke-nodepool", "h100"), ("node.kubernetes.io/instance-type", "a3-highgpu-8g"));

        Assert.Equal(1, Assert.Single(Inventory("kueue", [node]).Pools).Nodes);
    }

    [Fact]
    public void Machines_that_scale_from_none_are_what_their_annotations_say()
    {
        var pool = Assert.Single(Inventory("cluster-api", []).Entries);

        Assert.Equal(("l40s", "NVIDIA-L40S", 4, 5), (pool.Pool.Name, pool.Pool.Product, pool.Pool.GpusPerNode, pool.Pool.MaxNodes));
        Assert.Equal(["node.cluster.x-k8s.io/pool", "nvidia.com/gpu.product"], pool.NodeSelector.Keys.Order());
        Assert.Equal(new NodeTaint("nvidia.com/gpu", "present", "NoSchedule"), Assert.Single(pool.Taints));
    }

    [Fact]
    public void The_limit_of_a_node_pool_bounds_the_nodes_that_there_are()
    {
        var pool = Inventory("karpenter", [Nodes.H100x8("n", "a10g")]).Find("a10g")!;

        Assert.Equal((1, 2, Nodes.H100), (pool.Pool.Nodes, pool.Pool.MaxNodes, pool.Pool.Product));
        Assert.False(pool.Pool.MayGrow);
    }

    [Fact]
    public void What_is_declared_wins_over_a_template_field_by_field()
    {
        var declared = new GpuPool { Metadata = new V1ObjectMeta { Name = "a10g" }, Spec = new GpuPoolSpec { MaxNodes = 7, MemoryPerGPU = "20Gi" } };

        var pool = Inventory("karpenter", [], declared).Find("a10g")!;

        Assert.Equal((7, 8), (pool.Pool.MaxNodes, pool.Pool.GpusPerNode));
        Assert.True(pool.Pool.UsableMemory <= Bytes.FromGiB(20));
        Assert.Equal("a10g", pool.NodeSelector["karpenter.sh/nodepool"]);
    }

    [Fact]
    public void A_pod_that_only_new_nodes_of_an_open_node_pool_could_take_reaches_a_pool_that_refuses_nobody()
    {
        var pod = new V1PodSpec { Containers = [], NodeSelector = new Dictionary<string, string> { ["karpenter.sh/nodepool"] = "either" } };

        var reached = Assert.Single(PoolReach.Of(Inventory("karpenter", [Nodes.A10G("n")]), pod, "nvidia.com/gpu").Entries, entry => entry.Pool.Name == "either");

        Assert.Null(reached.Pool.UsableMemory);
    }

    [Fact]
    public void A_node_pool_that_has_launched_CPUs_so_far_may_still_launch_any_GPU()
    {
        var pool = Inventory("karpenter", [Nodes.With("n", [("cpu", 64)], ("karpenter.sh/nodepool", "anything"))]).Find("anything")!;

        Assert.Null(pool.Pool.UsableMemory);
        Assert.True(pool.Pool.MayGrow);
    }

    [Theory]
    [InlineData("""{"apiVersion":"karpenter.sh/v1","kind":"NodePool","metadata":{"name":"x"}}""")]
    [InlineData("""{"apiVersion":"karpenter.sh/v1","kind":"NodePool","metadata":{"name":"x"},"spec":{"limits":{"nvidia.com/gpu":"many"},"template":{"spec":{"requirements":[{"key":"node.kubernetes.io/instance-type","operator":"In","values":[null,7]},{"operator":"In"},"text"],"taints":[{},7]}}}}""")]
    [InlineData("""{"apiVersion":"kueue.x-k8s.io/v1beta1","kind":"ResourceFlavor","metadata":{"name":"x"},"spec":{"nodeLabels":["a"],"nodeTaints":{}}}""")]
    [InlineData("""{"apiVersion":"karpenter.sh/v1","kind":"NodePool","metadata":{"name":"x"},"spec":{"template":"text"}}""")]
    [InlineData("""{"apiVersion":"karpenter.sh/v1","kind":"NodePool","metadata":"text","spec":{"template":{"spec":[7]}}}""")]
    [InlineData("""{"apiVersion":"karpenter.sh/v1","kind":"NodePool","metadata":{"name":"x"},"spec":{"template":{"spec":[7]}}}""")]
    [InlineData("""{"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"MachineDeployment","metadata":{"name":"x","annotations":{"capacity.cluster-autoscaler.kubernetes.io/gpu-count":"99999999999","capacity.cluster-autoscaler.kubernetes.io/labels":"=,a","capacity.cluster-autoscaler.kubernetes.io/taints":":,=:"}}}""")]
    public void Nonsense_is_no_crash_and_no_known_memory(string manifest)
    {
        var template = NodeTemplates.Read(JsonNode.Parse(manifest)!.AsObject());

        var pools = InventoryBuilder.Build([], NodeTemplates.Merge([], template is null ? [] : [template], [])).Pools;
        Assert.All(pools, pool => Assert.Null(pool.UsableMemory));
    }

    private static PoolEntry Pool(string file, string name) => Inventory(file, []).Find(name)!;

    private static PoolInventory Inventory(string file, V1Node[] nodes, params GpuPool[] declared)
    {
        var templates = KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests", "Api.Tests", "Nodes", "templates", $"{file}.yaml")))
            .Select(document => NodeTemplates.Read(document!.AsObject())).OfType<NodeTemplate>();
        return InventoryBuilder.Build(nodes, NodeTemplates.Merge(declared, templates, nodes));
    }
}
