using GpuMem.Api.Nodes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests;

/// <summary>Nodes as device plugins and GPU Feature Discovery leave them.</summary>
internal static class Nodes
{
    public const string H100 = "NVIDIA-H100-80GB-HBM3";

    public static V1Node H100x8(string name, string pool = "h100", params (string Key, string Value)[] labels) =>
        Of(name, 8, [("karpenter.sh/nodepool", pool), (GpuNode.ProductLabel, H100), (GpuMemoryLabel.Key, "81559"), .. labels]);

    public static V1Node A10G(string name, string pool = "a10g", int gpus = 4) =>
        Of(name, gpus, ("eks.amazonaws.com/nodegroup", pool), (GpuNode.ProductLabel, "NVIDIA-A10G"), (GpuMemoryLabel.Key, "23028"));

    public static V1Node Of(string name, int gpus, params (string Key, string Value)[] labels) => With(name, [("nvidia.com/gpu", gpus)], labels);

    public static V1Node With(string name, (string Resource, int Count)[] resources, params (string Key, string Value)[] labels) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = labels.GroupBy(label => label.Key).ToDictionary(label => label.Key, label => label.Last().Value) },
        Spec = new V1NodeSpec(),
        Status = new V1NodeStatus { Allocatable = resources.ToDictionary(resource => resource.Resource, resource => new ResourceQuantity($"{resource.Count}")) },
    };

    public static V1Node Tainted(this V1Node node, string key, string? value = null, string effect = "NoSchedule")
    {
        node.Spec!.Taints = [.. node.Spec.Taints ?? [], new V1Taint { Key = key, Value = value, Effect = effect }];
        return node;
    }

    /// <summary>What a node says of the only resource by which it offers GPUs; null when it offers none.</summary>
    public static GpuNode? Read(V1Node node) => GpuNodeReader.Read(node) is { } all ? Assert.Single(all) : null;

    public static PoolInventory Inventory(params V1Node[] nodes) => InventoryBuilder.Build(nodes, []);
}
