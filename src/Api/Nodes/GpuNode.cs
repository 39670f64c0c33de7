using System.Globalization;
using GpuMem.Estimation;
using GpuMem.Estimation.Gpus;

namespace GpuMem.Api.Nodes;

/// <summary>Where the figure for a GPU's memory comes from, the most trusted first.</summary>
public enum MemorySource
{
    Declared,
    Label,
    Catalogue,
    Unknown,
}

/// <summary>What a node says of its GPUs.</summary>
public sealed record GpuNode
{
    public const string ProductLabel = "nvidia.com/gpu.product";

    private const string CountLabel = "nvidia.com/gpu.count";

    private const string ReplicasLabel = "nvidia.com/gpu.replicas";

    private const string SharingLabel = "nvidia.com/gpu.sharing-strategy";

    public required V1Node Node { get; init; }

    public required NodePoolName Pool { get; init; }

    public required string ResourceName { get; init; }

    public required string Product { get; init; }

    /// <summary>What one requested GPU may allocate; null when unknown.</summary>
    public required Bytes? UsableMemory { get; init; }

    public required MemorySource Source { get; init; }

    /// <summary>GPUs that pods can request on this node.</summary>
    public required int Gpus { get; init; }

    public required int NvLinkDomain { get; init; }

    /// <summary>What is wrong with the node's labels; null when nothing is.</summary>
    public string? Complaint { get; init; }

    /// <summary>Null when the node has no GPU that pods could request.</summary>
    public static GpuNode? Read(V1Node node)
    {
        if (GpuResources.OfNode(node) is not { } resource)
            return null;
        var product = node.GetLabel(ProductLabel) is { Length: > 0 } label ? label : "an unlabelled GPU";
        var gpus = (int)Math.Min(resource.Count > 0 ? resource.Count : Number(node, CountLabel), 1024);
        if (gpus <= 0)
            return null;
        var known = GpuCatalogue.TryFind(product, out var model);
        var replicas = Replicas(node);
        var (memory, source, complaint) = Memory(node, product, known ? model : null);
        return new GpuNode
        {
            Node = node,
            Pool = NodePoolName.Of(node),
            ResourceName = resource.Name,
            Product = product,
            // Time-slicing does not divide memory and MPS does so evenly: a fair share is all that one pod can count on.
            UsableMemory = memory is { } bytes && replicas > 1 ? new Bytes(bytes.Value / replicas) : memory,
            Source = source,
            Gpus = gpus,
            NvLinkDomain = model?.NvLinkDomain ?? 1,
            Complaint = complaint,
        };
    }

    private static (Bytes?, MemorySource, string?) Memory(V1Node node, string product, GpuModel? model)
    {
        var mib = GpuMemoryLabel.TryReadMiB(node.GetLabel(GpuMemoryLabel.Key), out var reason);
        if (product.EndsWith("-MIG-INVALID", StringComparison.Ordinal))
            return (null, MemorySource.Unknown, $"{ProductLabel}: the MIG layout is not valid");
        if (mib is { } label)
            return (GpuCatalogue.UsableMemory(product, label), MemorySource.Label, null);
        return model is not null
            ? (model.UsableMemory, MemorySource.Catalogue, $"{GpuMemoryLabel.Key}: {reason}; taken from the catalogue for {model.Name}")
            : (null, MemorySource.Unknown, $"{GpuMemoryLabel.Key}: {reason}");
    }

    private static int Replicas(V1Node node)
    {
        var shared = node.GetLabel(SharingLabel) is "time-slicing" or "mps" || node.GetLabel(ProductLabel)?.EndsWith("-SHARED", StringComparison.Ordinal) == true;
        return shared ? (int)Math.Clamp(Number(node, ReplicasLabel), 1, 1024) : 1;
    }

    private static long Number(V1Node node, string label) =>
        long.TryParse(node.GetLabel(label), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
