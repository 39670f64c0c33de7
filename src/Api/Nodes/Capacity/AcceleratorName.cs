using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// Labels that only name the accelerator: a hint of EKS to the Cluster Autoscaler, Karpenter on Azure, DigitalOcean, Nebius, SkyPilot. An A100 has 40 or 80 GB, so
/// such a name is not always an answer.
/// </summary>
internal static class AcceleratorName
{
    /// <summary>Each with what its cloud leaves out of the name: Nebius has boards alone (its platforms are <c>gpu-h100-sxm</c>, <c>gpu-h200-sxm</c>).</summary>
    private static readonly (string Key, string? Board)[] Keys =
    [
        ("karpenter.azure.com/sku-gpu-name", null), ("k8s.amazonaws.com/accelerator", null), ("doks.digitalocean.com/gpu-model", null), ("nebius.com/gpu-name", "SXM"),
        ("skypilot.co/accelerator", null),
    ];

    /// <summary>What people call nodes by hand as the documentation of Kubernetes has it, and Huawei's CCE does: <c>nvidia-t4</c>. It may be anything, so that only a name that is known counts.</summary>
    private const string ByHand = "accelerator";

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        foreach (var (key, board) in Keys)
            if (node[key] is { } name)
                return Find(name, board, resource) is { } model
                    ? Of(node, model)
                    : new GpuFact { Source = MemorySource.Unknown, Product = name, Most = Most(name, resource), Complaint = $"{key}: '{name}' does not tell the memory of a GPU" };
        return node[ByHand] is { } called && Find(called, null, resource) is { } known ? Of(node, known) : null;
    }

    private static GpuModel? Find(string name, string? board, GpuResource resource)
    {
        var isFound = GpuCatalogue.TryFindCloudName(name, null, out var model) || (board is not null && GpuCatalogue.TryFindCloudName($"{name} {board}", null, out model));
        return isFound && model!.Vendor == resource.Vendor ? model : null;
    }

    private static GpuFact Of(NodeStatement node, GpuModel model) => new()
    {
        Source = MemorySource.AcceleratorName,
        Product = model.NodeName,
        Model = model,
        Usable = model.UsableMemory,
        Whole = node.Number("karpenter.azure.com/sku-gpu-count") is > 0 and <= 1024 and var count ? (int)count : null,
    };

    /// <summary>Of cards of one name the largest; null where the name may be that of a card that is not known.</summary>
    private static Estimation.Bytes? Most(string name, GpuResource resource) =>
        GpuCatalogue.Named(name) is { Count: > 0 } named && named.All(model => model.Vendor == resource.Vendor) ? named.Max(model => model.UsableMemory) : null;
}
